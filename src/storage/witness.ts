import type { BeforeStep } from './database.js';
import { replaceFile } from './files.js';
import type { Fuse } from './fuse.js';
import { encodeTestimony, type Reach, type Testimony } from './witness-record.js';

const intervalMs = 1000;

/**
 * Keeps the witness file true at every moment: it is lowered before the database may hold less than
 * it claims, and raised only after the database holds more. A new term or vote is raised at once; the reach of
 * the log, which moves with every write, at most once a second, beside the writes.
 */
export class Witness {
  readonly #path: string;
  readonly #fuse: Fuse;
  readonly #beforeStep: BeforeStep | undefined;
  /** The file's content as soon as `#saving` has ended. */
  #claimed: Testimony;
  #durable: Testimony;
  #saving: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, current: Testimony, fuse: Fuse, beforeStep: BeforeStep | undefined) {
    this.#path = path;
    this.#fuse = fuse;
    this.#beforeStep = beforeStep;
    this.#claimed = current;
    this.#durable = current;
  }

  /** To be awaited before a write that takes the log back to `reach` from further on. */
  async lower(reach: Reach): Promise<void> {
    this.#durable = { ...this.#durable, reach };
    if (this.#claimed.reach.index > reach.index) await this.#save();
  }

  /** To be awaited after the database holds what `durable` says, before anybody is told. */
  async follow(durable: Testimony): Promise<void> {
    this.#durable = durable;
    if (isUrgent(this.#claimed, durable)) await this.#save();
    else this.#timer ??= setTimeout(() => this.#tick(), intervalMs).unref();
  }

  /** Claims everything that is known to be durable. */
  settle(): Promise<void> {
    return this.#save();
  }

  /** Ends the timer and waits for a save under way. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#saving.catch(() => undefined);
  }

  #tick(): void {
    this.#timer = undefined;
    // A failure blows the fuse, so the next write fails with it.
    this.#save().catch(() => undefined);
  }

  #save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const saved = this.#saving.then(() =>
      this.#fuse.run(async () => {
        await this.#beforeStep?.('witness');
        // In one turn, so that a lowering cannot come between and be missed.
        const testimony = this.#durable;
        this.#claimed = testimony;
        await replaceFile(this.#path, encodeTestimony(testimony));
      }),
    );
    this.#saving = saved.catch(() => undefined);
    return saved;
  }
}

function isUrgent(claimed: Testimony, durable: Testimony): boolean {
  return (
    claimed.boot !== durable.boot ||
    claimed.vote.currentTerm !== durable.vote.currentTerm ||
    claimed.vote.votedFor !== durable.vote.votedFor ||
    claimed.snapshotIndex !== durable.snapshotIndex
  );
}
