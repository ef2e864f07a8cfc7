import { type LogIndex, logIndex } from '../ids.js';
import { corrupt } from './corruption.js';
import type { DataDirectory } from './data-directory.js';
import { type BeforeStep, Database } from './database.js';
import { createDatabase, rootOperation } from './database-creation.js';
import type { FailStop } from './fail-stop.js';
import { type Owner, requireOwner } from './identity.js';
import { logBefore } from './keys.js';
import type { LogChange, LogPositions } from './log-positions.js';
import type { Root } from './root-record.js';
import type { SnapshotStore } from './snapshot-store.js';
import type { StartState } from './storage.js';
import { readRoot, readStoredState } from './stored-state.js';
import { WatermarkFile } from './watermark-file.js';
import { type Watermark, watermarkOf } from './watermark-record.js';
import type { Recovered } from './write-rules.js';

/** A data directory that passed every check and has counted one more start. */
export interface Started {
  readonly start: StartState;
  readonly root: Root;
  readonly database: Database;
  readonly log: LogPositions;
  readonly snapshots: SnapshotStore;
  readonly watermarkFile: WatermarkFile;
}

/** Opens and verifies a data directory, which is locked, at the start. */
export class LevelStart {
  readonly #directory: DataDirectory;
  readonly #owner: Owner;
  readonly #failStop: FailStop;
  readonly #beforeStep: BeforeStep | undefined;

  constructor(
    directory: DataDirectory,
    owner: Owner,
    failStop: FailStop,
    beforeStep: BeforeStep | undefined,
  ) {
    this.#directory = directory;
    this.#owner = owner;
    this.#failStop = failStop;
    this.#beforeStep = beforeStep;
  }

  async run(): Promise<Started> {
    const watermark = await this.#findOrMake();
    requireOwner(watermark.identity, this.#owner, this.#directory.path);
    await this.#directory.verifyDatabase();
    const database = await this.#openDatabase();
    try {
      return await this.#start(database, watermark);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** The watermark file is created last, so where it exists the database must exist too. */
  async #findOrMake(): Promise<Watermark> {
    const hasDatabase = await this.#directory.hasDatabase();
    const watermark = await this.#directory.readWatermark();
    if (watermark !== undefined) {
      if (hasDatabase) return watermark;
      throw corrupt(`the database ${this.#directory.database} is missing`);
    }
    if (hasDatabase && (await this.#wasStarted())) {
      throw corrupt(`the watermark file ${this.#directory.watermark} is missing`);
    }
    return this.#make();
  }

  /** Boot 0 means that no start with this database was ever completed. */
  async #wasStarted(): Promise<boolean> {
    await this.#directory.verifyDatabase();
    const database = await this.#openDatabase();
    try {
      const root = await readRoot(database);
      requireOwner(root.identity, this.#owner, this.#directory.path);
      return root.boot > 0;
    } finally {
      await database.close();
    }
  }

  #make(): Promise<Watermark> {
    const { clusterId, memberId, names } = this.#owner;
    const owner = { clusterId, memberId, names };
    const steps = { failStop: this.#failStop, beforeStep: this.#beforeStep };
    return createDatabase(this.#directory, owner, steps, undefined);
  }

  #openDatabase(): Promise<Database> {
    return Database.open(this.#directory.database, false, this.#failStop, this.#beforeStep);
  }

  async #start(database: Database, watermark: Watermark): Promise<Started> {
    const root = await readRoot(database);
    requireOwner(root.identity, this.#owner, this.#directory.database);
    const stored = await readStoredState(database, root, watermark);
    const { log, snapshots, snapshot, recovered } = stored;
    const watermarkFile = new WatermarkFile(
      this.#directory.watermark,
      watermark,
      this.#failStop,
      this.#beforeStep,
    );
    const started = { database, log, snapshots, watermarkFile };
    const newRoot = await countStart(root, recovered, started);
    await removeRemains(started);
    const { identity, boot, hardState } = newRoot;
    const start = { hardState, snapshot, entries: recovered.entries, identity, boot };
    return { ...started, start, root: newRoot };
  }
}

/** The first change on disk: a start that was refused before has changed nothing. */
async function countStart(
  root: Root,
  { hardState, isLogVoid }: Recovered,
  { database, log, snapshots, watermarkFile }: Omit<Started, 'start' | 'root'>,
): Promise<Root> {
  const snapshotIndex: LogIndex =
    snapshots.newest?.manifest.metadata.lastIncludedIndex ?? logIndex(0);
  const change: LogChange | undefined = isLogVoid ? log.restart(snapshotIndex, []) : undefined;
  if (change?.truncatedTo !== undefined) await watermarkFile.lower(change.truncatedTo);
  const newRoot = { ...root, boot: root.boot + 1, hardState, log: change?.extent ?? root.log };
  await database.batch([rootOperation(newRoot)]);
  change?.adopt();
  await watermarkFile.raise(watermarkOf(newRoot, log.logEnd, snapshotIndex));
  return newRoot;
}

/** Removes void log records and unfinished snapshots, which a crash leaves behind. */
async function removeRemains({
  database,
  log,
  snapshots,
}: Omit<Started, 'start' | 'root'>): Promise<void> {
  await database.deleteRange(logBefore(log.extent));
  await snapshots.removeRemains();
}
