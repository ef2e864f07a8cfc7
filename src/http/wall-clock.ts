import type { Clock } from '../member/clock.js';

/** A wall clock that was set anew differs by more than two readings of it do. */
const jitterMs = 200;

/**
 * Tells people when something will happen; nothing is decided by it. The distance between the two
 * clocks is kept, so that one key shows one expiration as long as nobody sets the wall clock.
 */
export class WallClock {
  readonly #clock: Clock;
  readonly #wallNow: () => number;
  #offsetMs: number;

  constructor(clock: Clock, wallNow: () => number) {
    this.#clock = clock;
    this.#wallNow = wallNow;
    this.#offsetMs = wallNow() - clock.now();
  }

  now(): number {
    return this.#clock.now();
  }

  /** RFC 3339, in UTC. */
  toText(atMs: number): string {
    const offsetMs = this.#wallNow() - this.#clock.now();
    if (Math.abs(offsetMs - this.#offsetMs) > jitterMs) this.#offsetMs = offsetMs;
    return new Date(atMs + this.#offsetMs).toISOString();
  }
}
