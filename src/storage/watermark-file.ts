import type { BeforeStep } from './database.js';
import type { FailStop } from './fail-stop.js';
import { replaceFile } from './files.js';
import { encodeWatermark, type LogEnd, type Watermark } from './watermark-record.js';

const intervalMs = 1000;

/**
 * Keeps the watermark file true at every moment: it is lowered before the database may hold less
 * than it claims, and raised only after the database holds more. A new term or vote raises it at
 * once. The end of the log moves with every write, so it raises the file at most once a second,
 * beside the writes.
 */
export class WatermarkFile {
  readonly #path: string;
  readonly #failStop: FailStop;
  readonly #beforeStep: BeforeStep | undefined;
  /** The file's content as soon as `#saving` has ended. */
  #claimed: Watermark;
  #durable: Watermark;
  #saving: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    path: string,
    current: Watermark,
    failStop: FailStop,
    beforeStep: BeforeStep | undefined,
  ) {
    this.#path = path;
    this.#failStop = failStop;
    this.#beforeStep = beforeStep;
    this.#claimed = current;
    this.#durable = current;
  }

  /** To be awaited before a write that truncates the log to `logEnd`. */
  async lower(logEnd: LogEnd): Promise<void> {
    this.#durable = { ...this.#durable, logEnd };
    if (this.#claimed.logEnd.index > logEnd.index) await this.#save();
  }

  /** To be awaited after the database holds what `durable` says, before anybody is told. */
  async raise(durable: Watermark): Promise<void> {
    this.#durable = durable;
    if (isUrgent(this.#claimed, durable)) await this.#save();
    else this.#timer ??= setTimeout(() => this.#tick(), intervalMs).unref();
  }

  /** Claims everything that is known to be durable. */
  flush(): Promise<void> {
    return this.#save();
  }

  /** Ends the timer and waits for a save in progress. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#saving.catch(() => undefined);
  }

  #tick(): void {
    this.#timer = undefined;
    // The failure is kept in the fail-stop, so the next write fails with it.
    this.#save().catch(() => undefined);
  }

  #save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const saved = this.#saving.then(() =>
      this.#failStop.run(async () => {
        await this.#beforeStep?.('watermark');
        // In one turn, so that a lowering cannot come between and be missed.
        const watermark = this.#durable;
        this.#claimed = watermark;
        await replaceFile(this.#path, encodeWatermark(watermark));
      }),
    );
    this.#saving = saved.catch(() => undefined);
    return saved;
  }
}

function isUrgent(claimed: Watermark, durable: Watermark): boolean {
  return (
    claimed.boot !== durable.boot ||
    claimed.vote.currentTerm !== durable.vote.currentTerm ||
    claimed.vote.votedFor !== durable.vote.votedFor ||
    claimed.snapshotIndex !== durable.snapshotIndex
  );
}
