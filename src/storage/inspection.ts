import { stat } from 'node:fs/promises';
import { AssertionError } from '../assert.js';
import { corrupt } from './corruption.js';
import { DataDirectory } from './data-directory.js';
import { Database } from './database.js';
import { DirectoryLock } from './directory-lock.js';
import { asStorageError, FailStop } from './fail-stop.js';
import type { SnapshotReader, StartState } from './storage.js';
import { StorageError } from './storage-error.js';
import { readRoot, readStoredState } from './stored-state.js';
import type { Watermark } from './watermark-record.js';

/** What a member would start from. */
export interface Inspected extends Omit<StartState, 'boot'> {
  /** How often the member has started. */
  readonly boot: number;
  /** To be read before `use` ends; undefined when there is no snapshot. */
  readonly openSnapshot: () => SnapshotReader | undefined;
}

/**
 * Verifies the data directory of a stopped member, as its start would, and changes nothing of it:
 * LevelDB, which writes when it opens a database, gets a copy. That takes little time and space,
 * since the tables, which never change, are linked.
 * @throws StorageError as a start; also for a directory that holds no member.
 */
export async function inspectDirectory<T>(
  path: string,
  use: (found: Inspected) => Promise<T>,
): Promise<T> {
  const directory = new DataDirectory(path);
  try {
    await stat(path);
    if (!(await directory.isUsed())) {
      throw new StorageError('identity', `${path} is no data directory of a member`);
    }
    const lock = await DirectoryLock.acquire(path);
    try {
      return await inspectLocked(directory, use);
    } finally {
      await directory.clearCopy();
      await lock.release();
    }
  } catch (error) {
    throw error instanceof AssertionError ? error : asStorageError(error);
  }
}

async function inspectLocked<T>(
  directory: DataDirectory,
  use: (found: Inspected) => Promise<T>,
): Promise<T> {
  const watermark = await requireWhole(directory);
  await directory.verifyDatabase();
  await directory.copyDatabase();
  const database = await Database.open(directory.copy, false, new FailStop(), undefined);
  try {
    const root = await readRoot(database);
    const { snapshot, snapshots, recovered } = await readStoredState(database, root, watermark);
    const { identity, boot } = root;
    const { hardState, entries } = recovered;
    const openSnapshot = () => snapshots.open();
    return await use({ hardState, snapshot, entries, identity, boot, openSnapshot });
  } finally {
    await database.close();
  }
}

async function requireWhole(directory: DataDirectory): Promise<Watermark> {
  const watermark = await directory.readWatermark();
  if (watermark === undefined) {
    throw corrupt(`the watermark file ${directory.watermark} is missing`);
  }
  if (await directory.hasDatabase()) return watermark;
  throw corrupt(`the database ${directory.database} is missing`);
}
