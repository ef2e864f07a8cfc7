/** How the client counts time. Tests replace it. */
export interface Clock {
  /** In milliseconds. Only differences count; it must also count while the machine sleeps. */
  now(): number;
  /** Calls `callback` once, no sooner than after `ms`. The returned function cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** Less may be the rounding of the two clocks, or a wall clock that is being slowed down. */
const sleepMsMin = 50;

/**
 * The monotonic clock, which may stand still while the machine sleeps; then the wall clock tells
 * how long it slept. A wall clock that is set ahead looks the same, and only makes a deadline come
 * early. One that is set back has no effect.
 */
export class SystemClock implements Clock {
  readonly #monotonic: () => number;
  readonly #wall: () => number;
  #monotonicAt: number;
  #wallAt: number;
  #sleptMs = 0;

  constructor(monotonic: () => number, wall: () => number) {
    this.#monotonic = monotonic;
    this.#wall = wall;
    this.#monotonicAt = monotonic();
    this.#wallAt = wall();
  }

  now(): number {
    const monotonic = this.#monotonic();
    const wall = this.#wall();
    const gapMs = wall - this.#wallAt - (monotonic - this.#monotonicAt);
    if (gapMs > sleepMsMin) this.#sleptMs += gapMs;
    this.#monotonicAt = monotonic;
    this.#wallAt = wall;
    return monotonic + this.#sleptMs;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  }
}

/** @internal Resolves after `ms`, or as soon as the signal is aborted. */
export function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const end = () => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal?.addEventListener('abort', end);
  });
}
