import { assert } from '../../src/assert.js';
import { type LogIndex, logIndex, next } from '../../src/ids.js';
import type { SnapshotMetadata } from '../../src/raft/entry.js';
import type { Write } from '../../src/raft/ready.js';
import { type Owner, requireOwner } from '../../src/storage/identity.js';
import {
  type SnapshotReader,
  type SnapshotWriter,
  type StartState,
  type Storage,
  snapshotChunkBytesMax,
} from '../../src/storage/storage.js';
import { StorageError } from '../../src/storage/storage-error.js';
import { assertWrite, type Durable, recover } from '../../src/storage/write-rules.js';
import type { MemoryDisk, MemorySnapshot } from './memory-disk.js';
import { MemoryQueue, type MemorySchedule } from './memory-queue.js';

export interface MemoryStorageOptions extends Owner {
  readonly disk: MemoryDisk;
  /** Decides when a step becomes durable; {@link completeAtOnce} where that does not matter. */
  readonly schedule: MemorySchedule;
}

/**
 * The storage of simulations and unit tests. It differs from the one on disk in that nothing can be
 * corrupt, and in that it keeps the entries it is given, not copies: an entry is immutable, its
 * bytes too.
 */
export class MemoryStorage implements Storage {
  readonly start: StartState;
  readonly #disk: MemoryDisk;
  readonly #queue: MemoryQueue;

  private constructor(disk: MemoryDisk, queue: MemoryQueue, start: StartState) {
    this.#disk = disk;
    this.#queue = queue;
    this.start = start;
  }

  /** Synchronous, for the simulator's sake; nothing stands against awaiting it. */
  static open(options: MemoryStorageOptions): MemoryStorage {
    const { disk, clusterId, memberId, names } = options;
    if (disk.user !== undefined) {
      throw new StorageError('inUse', 'the disk is in use by another storage of this process');
    }
    disk.identity ??= { clusterId, memberId, incarnation: disk.newIncarnation(), names };
    requireOwner(disk.identity, options, 'the disk');
    disk.boot += 1;
    const snapshot = disk.snapshot?.metadata;
    const recovered = recover(disk.hardState, snapshot, disk.entries, disk.lastIndex);
    disk.hardState = recovered.hardState;
    disk.entries = [...recovered.entries];
    if (recovered.isLogVoid && snapshot !== undefined) disk.lastIndex = snapshot.lastIncludedIndex;
    const queue = new MemoryQueue(disk, options.schedule);
    disk.attach(queue);
    return new MemoryStorage(disk, queue, {
      hardState: disk.hardState,
      snapshot,
      entries: recovered.entries,
      identity: disk.identity,
      boot: disk.boot,
    });
  }

  write(write: Write): Promise<void> {
    return this.#queue.push('write', () => applyWrite(this.#disk, write));
  }

  createSnapshot(metadata: SnapshotMetadata): SnapshotWriter {
    return new MemorySnapshotWriter(this.#disk, this.#queue, metadata);
  }

  openSnapshot(): SnapshotReader | undefined {
    if (this.#queue.failure !== undefined) throw this.#queue.failure;
    return this.#disk.snapshot && new MemorySnapshotReader(this.#disk.snapshot);
  }

  compact(index: LogIndex): Promise<void> {
    return this.#queue.push('compact', () => {
      const covered = this.#disk.snapshot?.metadata.lastIncludedIndex ?? logIndex(0);
      assert(index <= covered, `compaction to ${index}, but the snapshot ends at ${covered}`);
      this.#disk.entries = this.#disk.entries.filter((entry) => entry.index > index);
    });
  }

  async close(): Promise<void> {
    await this.#queue.close();
    this.#disk.release(this.#queue);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function applyWrite(disk: MemoryDisk, write: Write): void {
  const durable: Durable = {
    hardState: disk.hardState,
    snapshot: disk.snapshot?.metadata,
    firstIndex: disk.entries[0]?.index ?? next(disk.lastIndex),
    lastIndex: disk.lastIndex,
  };
  assertWrite(write, durable);
  if (write.snapshot !== undefined) {
    disk.entries = [];
    disk.lastIndex = write.snapshot.lastIncludedIndex;
  }
  const [head] = write.entries;
  if (head !== undefined) {
    const first = disk.entries[0]?.index ?? head.index;
    disk.entries.length = head.index - first;
    for (const entry of write.entries) disk.entries.push(entry);
    disk.lastIndex = logIndex(head.index + write.entries.length - 1);
  }
  disk.hardState = write.hardState;
}

class MemorySnapshotWriter implements SnapshotWriter {
  readonly #disk: MemoryDisk;
  readonly #queue: MemoryQueue;
  readonly #metadata: SnapshotMetadata;
  readonly #chunks: Uint8Array[] = [];
  #isEnded = false;

  constructor(disk: MemoryDisk, queue: MemoryQueue, metadata: SnapshotMetadata) {
    this.#disk = disk;
    this.#queue = queue;
    this.#metadata = metadata;
  }

  async append(chunk: Uint8Array): Promise<void> {
    assert(!this.#isEnded, 'a chunk after the end of its snapshot');
    assert(chunk.byteLength <= snapshotChunkBytesMax, `a chunk of ${chunk.byteLength} bytes`);
    const copy = new Uint8Array(chunk);
    await this.#queue.push('chunk', () => {
      this.#chunks.push(copy);
    });
  }

  async finish(): Promise<boolean> {
    assert(!this.#isEnded, 'a snapshot is finished once, and not after its end');
    this.#isEnded = true;
    let isNewest = false;
    await this.#queue.push('finish', () => {
      const newest = this.#disk.snapshot?.metadata.lastIncludedIndex ?? logIndex(0);
      isNewest = this.#metadata.lastIncludedIndex > newest;
      if (isNewest) this.#disk.snapshot = { metadata: this.#metadata, chunks: this.#chunks };
    });
    return isNewest;
  }

  async abort(): Promise<void> {
    this.#isEnded = true;
  }
}

class MemorySnapshotReader implements SnapshotReader {
  readonly metadata: SnapshotMetadata;
  readonly totalBytes: number;
  readonly #chunks: readonly Uint8Array[];

  constructor(snapshot: MemorySnapshot) {
    this.metadata = snapshot.metadata;
    this.totalBytes = snapshot.chunks.reduce((bytes, chunk) => bytes + chunk.byteLength, 0);
    this.#chunks = snapshot.chunks;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (const chunk of this.#chunks) yield new Uint8Array(chunk);
  }
}
