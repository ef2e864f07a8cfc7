import { crc32 } from 'node:zlib';
import { assert } from '../assert.js';
import type { SnapshotMetadata } from '../raft/entry.js';
import { checksumOf } from './checksummed-record.js';
import { corrupt } from './corruption.js';
import type { Database, Operation } from './database.js';
import { chunkKey, manifestKey, otherSnapshotRanges, snapshotRanges } from './keys.js';
import {
  decodeChunk,
  decodeManifest,
  encodeChunk,
  encodeManifest,
  type Manifest,
} from './snapshot-record.js';
import { type SnapshotReader, type SnapshotWriter, snapshotChunkBytesMax } from './storage.js';

/** A finished snapshot, or one whose manifest is about to be written. */
export interface StoredSnapshot {
  readonly id: number;
  readonly manifest: Manifest;
}

/**
 * Makes a snapshot the newest one, in one batch with the root. False when there is a newer one
 * already.
 */
export type Publish = (snapshot: StoredSnapshot, manifest: Operation) => Promise<boolean>;

/**
 * The snapshots in the database. An id is used once per boot. A snapshot is kept while the root
 * names it or a reader uses it; all others are removed, here or at the next start.
 */
export class SnapshotStore {
  readonly #database: Database;
  /** How many readers each snapshot has. */
  readonly #readers = new Map<number, number>();
  readonly #forgotten = new FinalizationRegistry<number>((id) => this.#unpin(id));
  #newest: StoredSnapshot | undefined;
  #lastId: number;
  #removals: Promise<void> = Promise.resolve();

  private constructor(database: Database, newest: StoredSnapshot | undefined) {
    this.#database = database;
    this.#newest = newest;
    this.#lastId = newest?.id ?? 0;
  }

  /**
   * @throws StorageError `corrupt` unless the snapshot that the root names is there, to the last
   *   bit.
   */
  static async load(database: Database, id: number): Promise<SnapshotStore> {
    if (id === 0) return new SnapshotStore(database, undefined);
    const bytes = await database.get(manifestKey(id));
    if (bytes === undefined) throw corrupt("the snapshot's manifest is missing");
    const manifest = decodeManifest(bytes);
    for await (const _ of readChunks(database, id, manifest));
    return new SnapshotStore(database, { id, manifest });
  }

  get newest(): StoredSnapshot | undefined {
    return this.#newest;
  }

  /** Removes, at the start, the snapshots that a crash has left behind. */
  async removeRemains(): Promise<void> {
    for (const range of otherSnapshotRanges(this.#lastId)) await this.#database.deleteRange(range);
  }

  create(metadata: SnapshotMetadata, publish: Publish): SnapshotWriter {
    this.#lastId += 1;
    const id = this.#lastId;
    return new LevelSnapshotWriter(this.#database, id, metadata, publish, () => this.#remove(id));
  }

  open(): SnapshotReader | undefined {
    if (this.#newest === undefined) return undefined;
    const { id, manifest } = this.#newest;
    this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
    const reader = new LevelSnapshotReader(this.#database, id, manifest, () => {
      this.#forgotten.unregister(reader);
      this.#unpin(id);
    });
    // A reader that is dropped unread must not keep its snapshot for ever.
    this.#forgotten.register(reader, id, reader);
    return reader;
  }

  /** The root names `snapshot` now. */
  replace(snapshot: StoredSnapshot): void {
    const old = this.#newest;
    this.#newest = snapshot;
    if (old !== undefined && !this.#readers.has(old.id)) void this.#remove(old.id);
  }

  /** Resolves when nothing is being removed any more. */
  settled(): Promise<void> {
    return this.#removals;
  }

  #unpin(id: number): void {
    const readers = (this.#readers.get(id) ?? 0) - 1;
    assert(readers >= 0, `snapshot ${id} has ${readers} readers`);
    if (readers > 0) {
      this.#readers.set(id, readers);
      return;
    }
    this.#readers.delete(id);
    if (id !== this.#newest?.id) void this.#remove(id);
  }

  /** Never rejects: a failure is kept in the fail-stop. */
  #remove(id: number): Promise<void> {
    const removal = async (): Promise<void> => {
      for (const range of snapshotRanges(id)) await this.#database.deleteRange(range);
    };
    this.#removals = this.#removals.then(removal).catch(() => undefined);
    return this.#removals;
  }
}

class LevelSnapshotWriter implements SnapshotWriter {
  readonly #database: Database;
  readonly #id: number;
  readonly #metadata: SnapshotMetadata;
  readonly #publish: Publish;
  readonly #remove: () => Promise<void>;
  #chunkCount = 0;
  #totalBytes = 0;
  #chunksChecksum = 0;
  #isEnded = false;

  constructor(
    database: Database,
    id: number,
    metadata: SnapshotMetadata,
    publish: Publish,
    remove: () => Promise<void>,
  ) {
    this.#database = database;
    this.#id = id;
    this.#metadata = metadata;
    this.#publish = publish;
    this.#remove = remove;
  }

  async append(chunk: Uint8Array): Promise<void> {
    assert(!this.#isEnded, 'a chunk after the end of its snapshot');
    assert(chunk.byteLength <= snapshotChunkBytesMax, `a chunk of ${chunk.byteLength} bytes`);
    const number = this.#chunkCount;
    const value = encodeChunk(this.#id, number, chunk);
    this.#chunkCount += 1;
    this.#totalBytes += chunk.byteLength;
    this.#chunksChecksum = extendChecksum(this.#chunksChecksum, value);
    await this.#database.batch([{ type: 'put', key: chunkKey(this.#id, number), value }]);
  }

  async finish(): Promise<boolean> {
    assert(!this.#isEnded, 'a snapshot is finished once, and not after its end');
    this.#isEnded = true;
    const manifest: Manifest = {
      metadata: this.#metadata,
      chunkCount: this.#chunkCount,
      totalBytes: this.#totalBytes,
      chunksChecksum: this.#chunksChecksum,
    };
    const value = encodeManifest(manifest);
    const isNewest = await this.#publish(
      { id: this.#id, manifest },
      { type: 'put', key: manifestKey(this.#id), value },
    );
    if (!isNewest) await this.#remove();
    return isNewest;
  }

  async abort(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    await this.#remove();
  }
}

class LevelSnapshotReader implements SnapshotReader {
  readonly metadata: SnapshotMetadata;
  readonly totalBytes: number;
  readonly #database: Database;
  readonly #id: number;
  readonly #manifest: Manifest;
  readonly #release: () => void;
  #isRead = false;

  constructor(database: Database, id: number, manifest: Manifest, release: () => void) {
    this.metadata = manifest.metadata;
    this.totalBytes = manifest.totalBytes;
    this.#database = database;
    this.#id = id;
    this.#manifest = manifest;
    this.#release = release;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    assert(!this.#isRead, 'a snapshot reader is read once');
    this.#isRead = true;
    try {
      yield* readChunks(this.#database, this.#id, this.#manifest);
    } finally {
      this.#release();
    }
  }
}

/** Every chunk is verified by itself, and before the end is reached, all of them together. */
async function* readChunks(
  database: Database,
  id: number,
  { chunkCount, totalBytes, chunksChecksum }: Manifest,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let checksum = 0;
  for (let number = 0; number < chunkCount; number += 1) {
    const value = await database.get(chunkKey(id, number));
    if (value === undefined) throw corrupt(`chunk ${number} of the snapshot is missing`);
    const data = decodeChunk(value, id, number);
    bytes += data.byteLength;
    checksum = extendChecksum(checksum, value);
    yield data;
  }
  if (bytes !== totalBytes || checksum !== chunksChecksum) {
    throw corrupt("the snapshot's chunks do not add up to what its manifest says");
  }
}

function extendChecksum(checksum: number, chunk: Buffer): number {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(checksumOf(chunk));
  return crc32(bytes, checksum);
}
