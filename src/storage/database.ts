import { Level } from 'level';
import { databaseFilesMax } from '../descriptors/connection-budget.js';
import { corrupt } from './corruption.js';
import type { FailStop } from './fail-stop.js';
import type { KeyRange } from './keys.js';
import { StorageError } from './storage-error.js';

export type Operation =
  | { readonly type: 'put'; readonly key: Buffer; readonly value: Buffer }
  | { readonly type: 'del'; readonly key: Buffer };

/** A step that survives a crash once it is done. Tests stop or fail right before one. */
export type DurableStep = 'batch' | 'watermark';
export type BeforeStep = (step: DurableStep) => Promise<void>;

const deletesPerBatch = 256;
const readBytes = 1024 * 1024;

/** The safe part of LevelDB: every write is one synced batch, and the first failure is final. */
export class Database {
  readonly #level: Level<Buffer, Buffer>;
  readonly #failStop: FailStop;
  readonly #beforeStep: BeforeStep | undefined;

  private constructor(level: Level<Buffer, Buffer>, failStop: FailStop, beforeStep?: BeforeStep) {
    this.#level = level;
    this.#failStop = failStop;
    this.#beforeStep = beforeStep;
  }

  static async open(
    path: string,
    isNew: boolean,
    failStop: FailStop,
    beforeStep: BeforeStep | undefined,
  ): Promise<Database> {
    const level = new Level<Buffer, Buffer>(path, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      // Its blocks can be verified from outside only as they are.
      compression: false,
      createIfMissing: isNew,
      errorIfExists: isNew,
      maxOpenFiles: databaseFilesMax,
    });
    try {
      await level.open();
    } catch (error) {
      throw openFailure(path, error);
    }
    return new Database(level, failStop, beforeStep);
  }

  /**
   * Writes a batch, atomic and synced. There are no unsynced writes: when LevelDB begins a new
   * journal it does not sync the old one, so an unsynced write could be lost from the middle.
   */
  batch(operations: readonly Operation[]): Promise<void> {
    return this.#failStop.run(async () => {
      await this.#beforeStep?.('batch');
      await this.#level.batch([...operations], { sync: true });
    });
  }

  get(key: Buffer): Promise<Buffer | undefined> {
    return this.#failStop.run(() => this.#level.get(key));
  }

  /** Rows in key order, several at a time. */
  async *rows(range: KeyRange): AsyncGenerator<readonly [Buffer, Buffer][]> {
    const iterator = this.#level.iterator({ ...range, highWaterMarkBytes: readBytes });
    try {
      for (;;) {
        const rows = await this.#failStop.run(() => iterator.nextv(1000));
        if (rows.length === 0) return;
        yield rows;
      }
    } finally {
      await iterator.close();
    }
  }

  async isEmpty(range: KeyRange): Promise<boolean> {
    const keys = await this.#failStop.run(() => this.#level.keys({ ...range, limit: 1 }).all());
    return keys.length === 0;
  }

  /**
   * Deletes in small batches, so it is not atomic and other writes go on between them. Each batch
   * starts behind the one before: LevelDB keeps a deletion as a record, and iterating over all of
   * them each time is quadratic.
   */
  async deleteRange({ gte, lt }: KeyRange): Promise<void> {
    let from: { readonly gte: Buffer } | { readonly gt: Buffer } = { gte };
    for (;;) {
      const range = { ...from, lt, limit: deletesPerBatch };
      const keys: Buffer[] = await this.#failStop.run(() => this.#level.keys(range).all());
      const last = keys.at(-1);
      if (last === undefined) return;
      await this.batch(keys.map((key) => ({ type: 'del', key })));
      from = { gt: last };
    }
  }

  close(): Promise<void> {
    return this.#level.close();
  }
}

/** LevelDB distinguishes a failed disk and a held lock from files that contradict each other. */
function openFailure(path: string, error: unknown): StorageError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const options = { cause: error };
  switch (code) {
    case 'LEVEL_LOCKED':
      return new StorageError('inUse', `another process has ${path} open (${reason})`, options);
    case 'LEVEL_IO_ERROR':
      return new StorageError('io', `${path} cannot be read (${reason})`, options);
    default:
      return corrupt(`${path} cannot be opened (${reason})`, options);
  }
}
