import { type Failure, failureOf } from '../api/failure.js';

/** The state of a value that is polled. */
export interface Polled<T> {
  /** The last good answer, which may be old. */
  readonly value: T | undefined;
  /** When it arrived, on the page's clock. */
  readonly valueAt: number | undefined;
  /** Why there is no newer value; undefined without a failure. */
  readonly failure: Failure | undefined;
  readonly failingSince: number | undefined;
  readonly nextTryAt: number | undefined;
}

export const notYet: Polled<never> = {
  value: undefined,
  valueAt: undefined,
  failure: undefined,
  failingSince: undefined,
  nextTryAt: undefined,
};

export interface PollOptions<T> {
  readonly ask: (signal: AbortSignal) => Promise<T>;
  readonly intervalMs: number;
  /** Failures double the interval up to this. */
  readonly maxIntervalMs: number;
  readonly onChange: (state: Polled<T>) => void;
}

/** Polls at bounded intervals, with one request at a time, and not while the tab is hidden. */
export class Poll<T> {
  readonly #options: PollOptions<T>;
  #state: Polled<T> = notYet;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;
  #againSoon = false;

  constructor(options: PollOptions<T>) {
    this.#options = options;
  }

  start(): void {
    document.addEventListener('visibilitychange', this.#onVisibility);
    this.now();
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#pause();
  }

  /** Polls at once, or after the request under way. */
  now(): void {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    if (this.#asking === undefined) void this.#ask();
    else this.#againSoon = true;
  }

  readonly #onVisibility = (): void => {
    if (document.hidden) this.#pause();
    else this.now();
  };

  #pause(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = undefined;
    this.#againSoon = false;
  }

  async #ask(): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    const next = await this.#answer(asking.signal);
    if (asking.signal.aborted) return;
    this.#asking = undefined;
    this.#failures = next.failure === undefined ? 0 : this.#failures + 1;
    const { intervalMs, maxIntervalMs, onChange } = this.#options;
    const doublings = Math.max(0, this.#failures - 1);
    const delayMs = this.#againSoon ? 0 : Math.min(intervalMs * 2 ** doublings, maxIntervalMs);
    this.#againSoon = false;
    this.#state = { ...next, nextTryAt: performance.now() + delayMs };
    this.#timer = setTimeout(() => this.now(), delayMs);
    onChange(this.#state);
  }

  async #answer(signal: AbortSignal): Promise<Polled<T>> {
    try {
      const value = await this.#options.ask(signal);
      return { ...notYet, value, valueAt: performance.now() };
    } catch (error) {
      const failingSince = this.#state.failingSince ?? performance.now();
      return { ...this.#state, failure: failureOf(error), failingSince };
    }
  }
}
