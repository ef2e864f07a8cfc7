import { errorAnswer } from '../client/exchange.js';
import type { Fetch } from '../tls/secure-fetch.js';
import { faultText } from './fetch-fault.js';
import { SignalError } from './signal-error.js';

/** A member's status without a majority. */
const cannotServe = 503;
/** A member that is started again is back sooner. */
const patienceMs = 3000;

export interface NoticeOptions {
  readonly endpoints: readonly string[];
  /** In milliseconds. */
  readonly now: () => number;
  readonly tell: (line: string) => void;
}

/**
 * The same, but whoever waits is told once what for, when no member has served for a while.
 */
export function withUnansweredNotice(fetch: Fetch, options: NoticeOptions): Fetch {
  const silence = new Silence(options);
  return async (url, init) => {
    const startedAt = options.now();
    try {
      const response = await fetch(url, init);
      if (response.status !== cannotServe) silence.end();
      else silence.observe(url, startedAt, `can serve; still trying: ${await reasonIn(response)}`);
      return response;
    } catch (error) {
      const why = `answers; still trying: ${new URL(url).origin}: ${faultText(error)}`;
      if (!(error instanceof SignalError)) silence.observe(url, startedAt, why);
      throw error;
    }
  };
}

/** The answer can still be read. */
async function reasonIn(response: Response): Promise<string> {
  const { message, detail } = errorAnswer(response.status, await response.clone().text());
  return detail === '' ? message : `${message}: ${detail}`;
}

/** Of all endpoints together, since the last answer of a member that serves. */
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

  /** @param why continues "no member". */
  observe(url: string, startedAt: number, why: string): void {
    this.#silent.add(new URL(url).origin);
    this.#since = Math.min(this.#since, startedAt);
    const { now, tell } = this.#options;
    const isLong = now() - this.#since >= patienceMs;
    if (this.#isTold || !isLong || this.#silent.size < this.#origins.size) return;
    this.#isTold = true;
    tell(`no member ${why}`);
  }

  end(): void {
    this.#silent.clear();
    this.#since = Number.POSITIVE_INFINITY;
    this.#isTold = false;
  }
}
