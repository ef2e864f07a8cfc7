import type { Clock } from './clock.js';

/** What goes on is told again after this time. */
export const repeatMs = 60_000;
/**
 * What is not well at the start may still become so: members are rarely started at the same time.
 */
const graceMs = 5_000;

/** What is to be told of a condition. */
export interface News {
  /** What was told last; undefined when nothing was. It is the present state when that goes on. */
  readonly before: string | undefined;
  /** How long the state before has lasted. */
  readonly lastedMs: number;
}

/**
 * One thing that is `good`, or in any other state. A change is told at once, and what is not good
 * once a minute as long as it lasts.
 */
export class Condition {
  readonly #clock: Clock;
  #told: string | undefined;
  #since: number;
  #toldAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
    this.#toldAt = this.#since;
  }

  /** Undefined when there is nothing to tell. */
  observe(state: string): News | undefined {
    const now = this.#clock.now();
    if (!this.#isDue(state, now)) return undefined;
    const news = { before: this.#told, lastedMs: Math.round(now - this.#since) };
    if (state !== this.#told) this.#since = now;
    this.#told = state;
    this.#toldAt = now;
    return news;
  }

  #isDue(state: string, now: number): boolean {
    if (state === this.#told) return state !== 'good' && now - this.#toldAt >= repeatMs;
    return this.#told !== undefined || state !== 'lost' || now - this.#since >= graceMs;
  }
}
