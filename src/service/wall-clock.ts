import type { Clock } from '../member/clock.js';

/** A larger difference means that the wall clock was set; a smaller one is jitter. */
const jitterMs = 200;

/**
 * Converts the member's clock to wall time for display; no decision depends on it. The offset
 * between the two clocks is kept, so a key shows the same expiration as long as nobody sets the
 * wall clock.
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
    return this.reading()(atMs);
  }

  /** Like `toText` with the present offset for good, so that a long answer is consistent. */
  reading(): (atMs: number) => string {
    const measuredMs = this.#wallNow() - this.#clock.now();
    if (Math.abs(measuredMs - this.#offsetMs) > jitterMs) this.#offsetMs = measuredMs;
    const offsetMs = this.#offsetMs;
    return (atMs) => new Date(atMs + offsetMs).toISOString();
  }
}
