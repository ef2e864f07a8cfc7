import type { Stamp } from '../command/envelope.js';
import type { Clock } from './clock.js';

/**
 * The cluster's clock, as its leader keeps it. It continues from the last stamp in the log, never
 * faster than real time, so it never overstates how long a TTL has run.
 */
export class ClusterClock {
  readonly #clock: Clock;
  #base = 0;
  #since: number;
  #lastStampAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
    this.#lastStampAt = this.#since;
  }

  /** On the member's clock. */
  get lastStampAt(): number {
    return this.#lastStampAt;
  }

  /** This member has begun to lead, or has applied what an earlier leader left. */
  continueFrom(clusterTimeMs: number): void {
    this.#base = Math.max(clusterTimeMs, this.#now());
    this.#since = this.#clock.now();
  }

  /** This member begins to lead: its clock of an earlier term is discarded. */
  restartFrom(clusterTimeMs: number): void {
    this.#base = clusterTimeMs;
    this.#since = this.#clock.now();
  }

  stamp(appliedIndex: number): Stamp {
    this.#lastStampAt = this.#clock.now();
    return { clusterTimeMs: this.#now(), appliedIndex };
  }

  #now(): number {
    return Math.floor(this.#base + this.#clock.now() - this.#since);
  }
}
