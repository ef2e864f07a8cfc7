import { randomBytes } from 'node:crypto';
import { type LogIndex, logIndex, term } from '../ids.js';
import type { HardState, SnapshotMetadata } from '../raft/entry.js';
import type { DataDirectory } from './data-directory.js';
import { type BeforeStep, Database, type Operation } from './database.js';
import type { FailStop } from './fail-stop.js';
import type { Owner } from './identity.js';
import { rootKey } from './keys.js';
import { emptyLog, encodeRoot, initialRoot, type Root } from './root-record.js';
import { SnapshotStore } from './snapshot-store.js';
import { type Watermark, watermarkOf } from './watermark-record.js';

/** What a new directory begins with, if not with nothing. */
export interface InitialContent {
  readonly hardState: HardState;
  /** Its last index is where the log begins. */
  readonly metadata: SnapshotMetadata;
  readonly chunks: Iterable<Uint8Array>;
}

interface Steps {
  readonly failStop: FailStop;
  readonly beforeStep: BeforeStep | undefined;
}

/**
 * Creates the database, and then the watermark file: until that is there, a start creates both
 * again. The incarnation is a new one, since the votes of an earlier one would be lost.
 */
export async function createDatabase(
  directory: DataDirectory,
  owner: Owner,
  { failStop, beforeStep }: Steps,
  content: InitialContent | undefined,
): Promise<Watermark> {
  const root = initialRoot({ ...owner, incarnation: randomBytes(16).toString('hex') });
  await directory.clearNewDatabase();
  const database = await Database.open(directory.newDatabase, true, failStop, beforeStep);
  let filled: Root;
  try {
    filled = await fill(database, root, content);
  } finally {
    await database.close();
  }
  await directory.publishNewDatabase();
  const lastIndex: LogIndex = content?.metadata.lastIncludedIndex ?? logIndex(0);
  const watermark = watermarkOf(filled, { index: lastIndex, term: term(0) }, lastIndex);
  await beforeStep?.('watermark');
  await directory.writeWatermark(watermark);
  return watermark;
}

async function fill(
  database: Database,
  root: Root,
  content: InitialContent | undefined,
): Promise<Root> {
  if (content === undefined) {
    await database.batch([rootOperation(root)]);
    return root;
  }
  const { hardState, metadata, chunks } = content;
  const log = emptyLog(0, metadata.lastIncludedIndex);
  const snapshots = await SnapshotStore.load(database, 0);
  let filled: Root = { ...root, hardState, log };
  const writer = snapshots.create(metadata, async (snapshot, manifest) => {
    filled = { ...filled, snapshotId: snapshot.id };
    await database.batch([manifest, rootOperation(filled)]);
    return true;
  });
  for (const chunk of chunks) await writer.append(chunk);
  await writer.finish();
  return filled;
}

export function rootOperation(root: Root): Operation {
  return { type: 'put', key: rootKey, value: encodeRoot(root) };
}
