import { assert } from '../../assert.js';
import type { Node } from '../keys/node.js';
import type { Tree, TreeSnapshot } from '../keys/tree.js';
import type { SnapshotRecord } from '../part/snapshot-record.js';
import { ChunkWriter } from './chunk-writer.js';
import { endKind, type Head, headKind, nodeKind, nodeRecord } from './snapshot-format.js';

/** The content of a snapshot beside the tree. */
interface SnapshotParts {
  readonly head: Head;
  /** The nodes refer to them. */
  readonly sessions: Iterable<SnapshotRecord>;
  readonly others: Iterable<SnapshotRecord>;
}

/** Room for bytes beyond a chunk's end, or before the first chunk. */
const smallCapacity = 16 * 1024;
/** The number of nodes visited between two checks of the chunk's size. */
const stepMax = 32;
/**
 * Nothing else is done while a chunk is made: the small nodes that fill 256 KiB would take up to
 * 34 ms, and those of so many steps take less than 10.
 */
const stepsPerChunk = 24;

/**
 * The state as it was when the snapshot began, in chunks, while the live state changes (copy on
 * write). Nothing is copied at the start. The tree is walked as chunks are read, and a node that
 * the walk has not reached is written before it changes.
 */
export class SnapshotSource implements TreeSnapshot {
  readonly number: number;
  readonly #tree: Tree;
  readonly #records: Iterator<SnapshotRecord>;
  /**
   * The children still to visit, for each directory on the path of the walk; the innermost is last.
   */
  readonly #walk: Iterator<Node>[] = [];
  /**
   * Where the walk still has to begin: the root, and directories that left the tree before the walk
   * came to them, or while it was inside.
   */
  readonly #walkStarts: Node[] = [];
  /** The number of each directory, in the order in which directories are written. */
  readonly #directories = new Map<Node, number>();
  readonly #writer = new ChunkWriter(smallCapacity);
  /** Finished bytes that were not read yet. */
  #ready: Uint8Array = new Uint8Array(0);
  #nodes = 0;
  #isWhole = false;
  #isVoid = false;
  #isClosed = false;

  constructor(number: number, tree: Tree, { head, sessions, others }: SnapshotParts) {
    this.number = number;
    this.#tree = tree;
    this.#records = others[Symbol.iterator]();
    // First, so that a release that does not understand it refuses the snapshot by its first byte.
    this.#writer.uint32(head.clusterVersion);
    this.#write(headKind.of(head));
    for (const session of sessions) this.#write(session);
  }

  /**
   * The state was replaced while it was read, so the snapshot is incomplete and must be dropped.
   */
  get isVoid(): boolean {
    return this.#isVoid;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The next bytes, `maxBytes` at most; undefined after the last ones, and once void or closed. */
  next(maxBytes: number): Uint8Array | undefined {
    assert(maxBytes > 0, 'a chunk has room for a byte at least');
    if (this.#isVoid || this.#isClosed) return undefined;
    if (this.#ready.length === 0) this.#fill(maxBytes);
    if (this.#ready.length === 0) {
      this.close();
      return undefined;
    }
    const chunk = this.#ready.subarray(0, maxBytes);
    this.#ready = this.#ready.subarray(maxBytes);
    return chunk;
  }

  #fill(maxBytes: number): void {
    for (let steps = 0; this.#writer.length < maxBytes && !this.#isWhole; steps += 1) {
      if (steps >= stepsPerChunk && this.#writer.length > 0) break;
      this.#step();
    }
    const written = this.#writer.take(maxBytes + smallCapacity);
    const surplus = written.subarray(maxBytes);
    // A small surplus becomes the beginning of the next chunk, not a chunk of its own.
    const isLittle = surplus.length <= smallCapacity;
    if (isLittle) this.#writer.append(surplus);
    this.#ready = isLittle ? written.subarray(0, maxBytes) : written;
  }

  #step(): void {
    for (let visited = 0; visited < stepMax; visited += 1) {
      if (!this.#visitNext()) {
        this.#writeOther();
        return;
      }
    }
  }

  /** Returns false when no node is left. */
  #visitNext(): boolean {
    const children = this.#walk.at(-1);
    if (children === undefined) {
      const directory = this.#walkStarts.pop();
      if (directory === undefined) return false;
      this.#enter(directory);
      return true;
    }
    const next = children.next();
    if (next.done === true) {
      this.#walk.pop();
    } else {
      this.#tree.save(next.value);
      this.#enter(next.value);
    }
    return true;
  }

  #enter(node: Node): void {
    if (node.children !== undefined) this.#walk.push(node.children.values());
  }

  #writeOther(): void {
    const record = this.#records.next();
    if (record.done === true) {
      this.#write(endKind.of({ nodes: this.#nodes }));
      this.#isWhole = true;
    } else {
      this.#write(record.value);
    }
  }

  #write({ type, write }: SnapshotRecord): void {
    this.#writer.beginRecord(type);
    write(this.#writer);
    this.#writer.endRecord();
  }

  write(node: Node): void {
    this.#nodes += 1;
    const directory = node.parent === undefined ? 0 : this.#directories.get(node.parent);
    assert(directory !== undefined, 'a directory is written before what it holds');
    this.#writer.beginRecord(nodeKind.type);
    nodeKind.write(this.#writer, nodeRecord(node, directory));
    this.#writer.endRecord();
    if (node.children !== undefined) this.#directories.set(node, this.#directories.size);
  }

  walkFrom(directory: Node): void {
    this.#walkStarts.push(directory);
  }

  void(): void {
    this.#isVoid = true;
    this.close();
  }

  /** Idempotent. The tree saves nothing for this snapshot any more. */
  close(): void {
    this.#isClosed = true;
    this.#tree.endSnapshot(this);
  }
}
