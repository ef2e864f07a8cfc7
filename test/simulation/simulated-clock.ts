import type { Clock } from '../../src/member/clock.js';
import type { Scheduler } from './scheduler.js';

/** One boot's clock: it starts anywhere and runs a little fast or slow, as machines' clocks do. */
export class SimulatedClock implements Clock {
  readonly #scheduler: Scheduler;
  readonly #rate: number;
  readonly #startedAt: number;
  readonly #offset: number;
  #stopped = false;
  readonly #whenAwake: (run: () => void) => void;

  /** A paused process hears of its timers late: `whenAwake` decides when. */
  constructor(
    scheduler: Scheduler,
    rate: number,
    offset: number,
    whenAwake: (run: () => void) => void,
  ) {
    this.#scheduler = scheduler;
    this.#rate = rate;
    this.#startedAt = scheduler.now;
    this.#offset = offset;
    this.#whenAwake = whenAwake;
  }

  now(): number {
    return this.#offset + (this.#scheduler.now - this.#startedAt) * this.#rate;
  }

  after(delayMs: number, callback: () => void): () => void {
    let cancelled = false;
    this.#scheduler.after(delayMs / this.#rate, () => {
      this.#whenAwake(() => {
        if (!cancelled && !this.#stopped) callback();
      });
    });
    return () => {
      cancelled = true;
    };
  }

  /** The process is gone: none of its timers fires any more. */
  stop(): void {
    this.#stopped = true;
  }
}
