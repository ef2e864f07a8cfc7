import type { SnapshotMetadata } from '../raft/entry.js';
import { corrupt } from './corruption.js';
import type { Database } from './database.js';
import { rootKey } from './keys.js';
import { LogPositions } from './log-positions.js';
import { decodeRoot, type Root } from './root-record.js';
import { SnapshotStore } from './snapshot-store.js';
import { requireConsistent, requireWatermark } from './start-checks.js';
import type { Watermark } from './watermark-record.js';
import { type Recovered, recover } from './write-rules.js';

/** What is in a database. It has passed every check. */
export interface StoredState {
  readonly log: LogPositions;
  readonly snapshots: SnapshotStore;
  readonly snapshot: SnapshotMetadata | undefined;
  readonly recovered: Recovered;
}

/** @throws StorageError `corrupt` or `version`. */
export async function readStoredState(
  database: Database,
  root: Root,
  watermark: Watermark,
): Promise<StoredState> {
  const { log, entries } = await LogPositions.load(database, root.log);
  const snapshots = await SnapshotStore.load(database, root.snapshotId);
  const snapshot = snapshots.newest?.manifest.metadata;
  const found = { root, entries, snapshot };
  requireConsistent(found);
  requireWatermark(found, watermark);
  const recovered = recover(root.hardState, snapshot, entries, root.log.lastIndex);
  return { log, snapshots, snapshot, recovered };
}

export async function readRoot(database: Database): Promise<Root> {
  const bytes = await database.get(rootKey);
  if (bytes === undefined) throw corrupt('the database has no root record');
  return decodeRoot(bytes);
}
