import { AssertionError, assert } from '../assert.js';
import { type LogIndex, logIndex } from '../ids.js';
import type { SnapshotMetadata } from '../raft/entry.js';
import type { Write } from '../raft/ready.js';
import { DataDirectory } from './data-directory.js';
import type { BeforeStep, Database, Operation } from './database.js';
import { rootOperation } from './database-creation.js';
import { DirectoryLock } from './directory-lock.js';
import { asStorageError, FailStop } from './fail-stop.js';
import type { Owner } from './identity.js';
import { type LogStart, logBetween } from './keys.js';
import { LevelStart, type Started } from './level-start.js';
import type { LogChange, LogPositions } from './log-positions.js';
import type { Root } from './root-record.js';
import type { SnapshotStore, StoredSnapshot } from './snapshot-store.js';
import type { SnapshotReader, SnapshotWriter, StartState, Storage } from './storage.js';
import { StorageError } from './storage-error.js';
import type { WatermarkFile } from './watermark-file.js';
import { watermarkOf } from './watermark-record.js';
import { assertWrite } from './write-rules.js';

export interface LevelStorageOptions extends Owner {
  /** Created when it does not exist. */
  readonly dataDir: string;
  /** For tests: is called, and awaited, before each step that survives a crash. */
  readonly beforeStep?: BeforeStep;
}

/** The storage of a real member, on LevelDB. DESIGN.md describes what is on disk, and why. */
export class LevelStorage implements Storage {
  #start: StartState;
  readonly #directoryLock: DirectoryLock;
  readonly #failStop: FailStop;
  readonly #database: Database;
  readonly #log: LogPositions;
  readonly #snapshots: SnapshotStore;
  readonly #watermarkFile: WatermarkFile;
  #root: Root;
  /** Everything in the log before this start is deleted, or is being deleted. */
  #deletedTo: LogStart;
  /** Every step that writes the root waits here for the one before. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  private constructor(directoryLock: DirectoryLock, failStop: FailStop, started: Started) {
    this.#start = started.start;
    this.#directoryLock = directoryLock;
    this.#failStop = failStop;
    this.#database = started.database;
    this.#log = started.log;
    this.#snapshots = started.snapshots;
    this.#watermarkFile = started.watermarkFile;
    this.#root = started.root;
    this.#deletedTo = started.log.extent;
  }

  /** @throws StorageError of every code: see there what each refuses. */
  static async open(options: LevelStorageOptions): Promise<LevelStorage> {
    const directory = new DataDirectory(options.dataDir);
    const failStop = new FailStop();
    try {
      await directory.prepare();
      const directoryLock = await DirectoryLock.acquire(directory.path);
      try {
        await directory.clearCopy();
        const start = new LevelStart(directory, options, failStop, options.beforeStep);
        return new LevelStorage(directoryLock, failStop, await start.run());
      } catch (error) {
        await directoryLock.release();
        throw error;
      }
    } catch (error) {
      throw error instanceof AssertionError ? error : asStorageError(error);
    }
  }

  get start(): StartState {
    return this.#start;
  }

  write(write: Write): Promise<void> {
    return this.#inTurn(async () => {
      assertWrite(write, {
        hardState: this.#root.hardState,
        snapshot: this.#snapshots.newest?.manifest.metadata,
        firstIndex: this.#root.log.firstIndex,
        lastIndex: this.#root.log.lastIndex,
      });
      const change =
        write.snapshot === undefined
          ? await this.#log.append(write.entries)
          : this.#log.restart(write.snapshot.lastIncludedIndex, write.entries);
      await this.#commit({ ...this.#root, hardState: write.hardState }, [], change);
    });
  }

  createSnapshot(metadata: SnapshotMetadata): SnapshotWriter {
    return this.#snapshots.create(metadata, (snapshot, manifest) =>
      this.#inTurn(() => this.#publish(snapshot, manifest)),
    );
  }

  async #publish(snapshot: StoredSnapshot, manifest: Operation): Promise<boolean> {
    if (snapshot.manifest.metadata.lastIncludedIndex <= this.#snapshotIndex) return false;
    await this.#commit({ ...this.#root, snapshotId: snapshot.id }, [manifest], {
      ...this.#log.unchanged(),
      adopt: () => this.#snapshots.replace(snapshot),
    });
    return true;
  }

  openSnapshot(): SnapshotReader | undefined {
    if (this.#failStop.failure !== undefined) throw this.#failStop.failure;
    return this.#snapshots.open();
  }

  async compact(index: LogIndex): Promise<void> {
    const covered = this.#snapshotIndex;
    assert(index <= covered, `compaction to ${index}, but the snapshot ends at ${covered}`);
    const garbage = await this.#inTurn(async () => {
      const change = this.#log.compact(index);
      if (change !== undefined) await this.#commit(this.#root, [], change);
      const from = this.#deletedTo;
      this.#deletedTo = this.#log.extent;
      return logBetween(from, this.#log.extent);
    });
    // The core has its own copy by now, and these would stay in memory for ever.
    this.#start = { ...this.#start, entries: [] };
    await this.#watermarkFile.flush();
    await this.#database.deleteRange(garbage);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    await this.#turn.catch(() => undefined);
    await this.#snapshots.settled();
    // After a failure nobody knows what is durable: the fail-stop lets nothing more be claimed.
    await this.#watermarkFile.flush().catch(() => undefined);
    this.#failStop.fail(new StorageError('io', 'the storage is closed'));
    await this.#watermarkFile.close();
    await this.#database.close();
    await this.#directoryLock.release();
  }

  get #snapshotIndex(): LogIndex {
    return this.#snapshots.newest?.manifest.metadata.lastIncludedIndex ?? logIndex(0);
  }

  /**
   * One atomic step. The watermark is lowered before the database may hold less, and raised only
   * after it holds more. So the watermark is true whenever the process ends.
   */
  async #commit(root: Root, operations: readonly Operation[], change: LogChange): Promise<void> {
    const { extent, truncatedTo, adopt } = change;
    const newRoot = { ...root, log: extent };
    if (truncatedTo !== undefined) await this.#watermarkFile.lower(truncatedTo);
    await this.#database.batch([...change.operations, ...operations, rootOperation(newRoot)]);
    adopt();
    this.#root = newRoot;
    await this.#watermarkFile.raise(watermarkOf(newRoot, this.#log.logEnd, this.#snapshotIndex));
  }

  #inTurn<Result>(step: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(() => this.#failStop.run(step));
    this.#turn = result.catch(() => undefined);
    return result;
  }
}
