import { randomBytes } from 'node:crypto';
import { type LogIndex, logIndex, term } from '../ids.js';
import { corrupt } from './corruption.js';
import type { DataDirectory } from './data-directory.js';
import { type BeforeStep, Database, type Operation } from './database.js';
import type { FailStop } from './fail-stop.js';
import { type Owner, requireOwner } from './identity.js';
import { logBefore, rootKey } from './keys.js';
import { type LogChange, LogPositions } from './log-positions.js';
import { decodeRoot, encodeRoot, initialRoot, type Root } from './root-record.js';
import { SnapshotStore } from './snapshot-store.js';
import { requireConsistent, requireWatermark } from './start-checks.js';
import type { StartState } from './storage.js';
import { WatermarkFile } from './watermark-file.js';
import { type Watermark, watermarkOf } from './watermark-record.js';
import { type Recovered, recover } from './write-rules.js';

/** A data directory that passed every check and has counted one more start. */
export interface Started {
  readonly start: StartState;
  readonly root: Root;
  readonly database: Database;
  readonly log: LogPositions;
  readonly snapshots: SnapshotStore;
  readonly watermarkFile: WatermarkFile;
}

/** Everything at the start that reads the disk and trusts nothing. The directory is locked. */
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

  /** The watermark comes last when a directory is made: where it is, the rest has to be. */
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

  /** A database that was never handed out is the rest of a start that was cut short. */
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

  /** Always under a new incarnation: should there have been another, its votes are lost. */
  async #make(): Promise<Watermark> {
    const { clusterId, memberId } = this.#owner;
    const incarnation = randomBytes(16).toString('hex');
    const root = initialRoot({ clusterId, memberId, incarnation });
    await this.#directory.clearNewDatabase();
    const database = await Database.open(
      this.#directory.newDatabase,
      true,
      this.#failStop,
      this.#beforeStep,
    );
    try {
      await database.batch([rootOperation(root)]);
    } finally {
      await database.close();
    }
    await this.#directory.publishNewDatabase();
    const watermark = watermarkOf(root, { index: logIndex(0), term: term(0) }, logIndex(0));
    await this.#beforeStep?.('watermark');
    await this.#directory.writeWatermark(watermark);
    return watermark;
  }

  #openDatabase(): Promise<Database> {
    return Database.open(this.#directory.database, false, this.#failStop, this.#beforeStep);
  }

  async #start(database: Database, watermark: Watermark): Promise<Started> {
    const root = await readRoot(database);
    requireOwner(root.identity, this.#owner, this.#directory.database);
    const { log, entries } = await LogPositions.load(database, root.log);
    const snapshots = await SnapshotStore.load(database, root.snapshotId);
    const snapshot = snapshots.newest?.manifest.metadata;
    const found = { root, entries, snapshot };
    requireConsistent(found);
    requireWatermark(found, watermark);
    const recovered = recover(root.hardState, snapshot, entries, root.log.lastIndex);
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

/** Nothing was changed before: a start that is refused leaves no trace of its own. */
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

/** What is void, or was never finished, because the process ended at that moment. */
async function removeRemains({
  database,
  log,
  snapshots,
}: Omit<Started, 'start' | 'root'>): Promise<void> {
  await database.deleteRange(logBefore(log.extent));
  await snapshots.removeRemains();
}

export function rootOperation(root: Root): Operation {
  return { type: 'put', key: rootKey, value: encodeRoot(root) };
}

async function readRoot(database: Database): Promise<Root> {
  const bytes = await database.get(rootKey);
  if (bytes === undefined) throw corrupt('the database has no root record');
  return decodeRoot(bytes);
}
