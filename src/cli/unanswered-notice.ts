import type { Fetch } from '../tls/secure-fetch.js';
import { faultText } from './fetch-fault.js';
import { SignalError } from './signal-error.js';

/** A member that is started again is back sooner. */
const patienceMs = 3000;

export interface NoticeOptions {
  readonly endpoints: readonly string[];
  /** In milliseconds. */
  readonly now: () => number;
  readonly tell: (line: string) => void;
}

/**
 * The same, but whoever waits is told once what for, when no endpoint has answered for a while.
 */
export function withUnansweredNotice(fetch: Fetch, options: NoticeOptions): Fetch {
  const silence = new Silence(options);
  return async (url, init) => {
    const startedAt = options.now();
    try {
      const response = await fetch(url, init);
      silence.end();
      return response;
    } catch (error) {
      if (!(error instanceof SignalError)) silence.observe(new URL(url).origin, startedAt, error);
      throw error;
    }
  };
}

/** Of all endpoints together, since the last answer. */
class Silence {
  readonly #options: NoticeOptions;
  readonly #origins: ReadonlySet<string>;
  readonly #silent = new Set<string>();
  #since = Number.POSITIVE_INFINITY;
  #isTold = false;

  constructor(options: NoticeOptions) {
    this.#options = options;
    this.#origins = new Set(options.endpoints.map((url) => new URL(url).origin));
  }

  observe(origin: string, startedAt: number, error: unknown): void {
    this.#silent.add(origin);
    this.#since = Math.min(this.#since, startedAt);
    const { now, tell } = this.#options;
    const isLong = now() - this.#since >= patienceMs;
    if (this.#isTold || !isLong || this.#silent.size < this.#origins.size) return;
    this.#isTold = true;
    tell(`no member answers; still trying: ${origin}: ${faultText(error)}`);
  }

  end(): void {
    this.#silent.clear();
    this.#since = Number.POSITIVE_INFINITY;
    this.#isTold = false;
  }
}
