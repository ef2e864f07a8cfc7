import type { Logger } from '../logger.js';
import type { Clock } from './clock.js';
import { PacedLog } from './paced-log.js';

/** What takes as long is told. */
const slowMs = 100;

/** Tells in the log of work of one kind that took long. */
export class SlowLog {
  readonly #clock: Clock;
  readonly #paced: PacedLog;

  constructor(clock: Clock, logger: Logger, message: string) {
    this.#clock = clock;
    this.#paced = new PacedLog(clock, (fields) => logger.warn(fields, message));
  }

  /** To be called at the end of the work. */
  ended(startedAt: number, fields: object): void {
    const tookMs = Math.round(this.#clock.now() - startedAt);
    if (tookMs >= slowMs) this.#paced.tell('', { tookMs, ...fields });
  }
}
