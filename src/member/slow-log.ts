import { doublingBounds, Histogram, type HistogramCounts } from '../histogram.js';
import type { Logger } from '../logger.js';
import type { Clock } from './clock.js';
import { PacedLog } from './paced-log.js';

/** What takes as long is told. */
const slowMs = 100;

/** As etcd has them for its disk: milliseconds, up to 8 seconds. */
const bounds = doublingBounds(1, 14);

/** Measures work of one kind, and tells in the log when it took long. */
export class SlowLog {
  readonly #clock: Clock;
  readonly #paced: PacedLog;
  readonly #durations = new Histogram(bounds);
  #slowCount = 0;

  constructor(clock: Clock, logger: Logger, message: string) {
    this.#clock = clock;
    this.#paced = new PacedLog(clock, (fields) => logger.warn(fields, message));
  }

  /** How often it took long. */
  get slowCount(): number {
    return this.#slowCount;
  }

  durations(): HistogramCounts {
    return this.#durations.describe();
  }

  /** To be called at the end of the work. */
  ended(startedAt: number, fields: object): void {
    const durationMs = this.#clock.now() - startedAt;
    this.#durations.add(durationMs);
    const tookMs = Math.round(durationMs);
    if (tookMs < slowMs) return;
    this.#slowCount += 1;
    this.#paced.tell('', { tookMs, ...fields });
  }
}
