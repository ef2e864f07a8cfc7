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
    return this.reading()(atMs);
  }

  /** As `toText`, but for good by the wall clock as it is set now: an answer that takes long agrees with itself. */
  reading(): (atMs: number) => string {
    const measuredMs = this.#wallNow() - this.#clock.now();
    if (Math.abs(measuredMs - this.#offsetMs) > jitterMs) this.#offsetMs = measuredMs;
    const offsetMs = this.#offsetMs;
    return (atMs) => new Date(atMs + offsetMs).toISOString();
  }
}
