import { assert } from '../../assert.js';
import type { ErrorName } from '../../command/errors.js';
import { type Failure, failure, ok, type Result } from '../../result.js';
import type { ShardedMap } from '../part/sharded-map.js';
import type { Writable } from '../part/writable.js';
import { Deadlines, type ReplicatedDeadline } from './deadlines.js';
import { DeferredCleanup } from './deferred-cleanup.js';
import { Deadline, isAttached, Node, type NodeRole } from './node.js';

/** Why no node was found or made at a path: an error of etcd. */
export interface Refusal {
  readonly name: ErrorName;
  readonly cause: string;
}

/** A snapshot that is being written. It has each node as it was when the snapshot began. */
export interface TreeSnapshot {
  readonly number: number;
  /** The node is about to change, or the walk has come to it. Its directory was written before. */
  write(node: Node): void;
  /**
   * The directory is about to be removed with all that it holds. The walk has to begin there, too.
   */
  walkFrom(directory: Node): void;
}

/** A listing that reads the tree step by step, as it was at the beginning. */
export interface TreeReader {
  /** The node is about to change. */
  touch(node: Node): void;
  /** The node is about to be removed from its directory. */
  beforeRemoval(node: Node): void;
}

/** The only view through which a node is changed. */
interface WritableNode extends Omit<Writable<Node>, 'children'> {
  readonly children: ShardedMap<Node> | undefined;
}

/** The times at which TTLs end on this member's clock. None of them is replicated. */
type DueTimes = Pick<Deadlines, 'size' | 'schedule' | 'keep' | 'adjust' | 'takeDue'>;

/**
 * The nodes and their TTLs. All changes of nodes are made here. Each is preceded by `touch`, so
 * that a snapshot or a listing that is being read has the node as it was (copy on write).
 */
export class Tree {
  readonly root: Node;
  readonly readers = new Set<TreeReader>();
  readonly #deadlines = new Deadlines((node) => this.touch(node));
  readonly #cleanup: DeferredCleanup;
  #snapshot: TreeSnapshot | undefined;
  #snapshots = 0;

  /** @param sweepMax the number of nodes below removed directories that one `tidy` looks at. */
  constructor(root: Node, sweepMax: number) {
    this.root = root;
    this.#cleanup = new DeferredCleanup(sweepMax);
  }

  static empty(sweepMax: number): Tree {
    return new Tree(new Node(undefined, '', '', true, 0, 0, 0), sweepMax);
  }

  get deadlines(): DueTimes {
    return this.#deadlines;
  }

  find(path: string): Result<Node, Refusal> {
    if (path === '/') return ok(this.root);
    let node = this.root;
    for (let start = 1; ; ) {
      if (node.children === undefined) return refused('notDir', path.slice(0, start - 1));
      const end = segmentEnd(path, start);
      const child = node.children.get(path.slice(start, end));
      if (child === undefined) return refused('keyNotFound', path.slice(0, end));
      if (end === path.length) return ok(child);
      node = child;
      start = end + 1;
    }
  }

  /** Returns the directory of `path`. Missing directories are created with that index. */
  directoryOf(path: string, index: number): Result<Node, Refusal> {
    let node = this.root;
    for (let start = 1; ; ) {
      if (node.children === undefined) return refused('notDir', path.slice(0, start - 1));
      const end = segmentEnd(path, start);
      if (end === path.length) return ok(node);
      const name = path.slice(start, end);
      node = node.children.get(name) ?? this.addDirectory(node, name, index);
      start = end + 1;
    }
  }

  addFile(parent: Node, name: string, value: string, index: number): Node {
    return this.add(new Node(parent, name, value, false, index, index, this.#snapshots));
  }

  addDirectory(parent: Node, name: string, index: number): Node {
    return this.add(new Node(parent, name, '', true, index, index, this.#snapshots));
  }

  /** Adds a new node to its directory. The directory itself does not change. */
  add(node: Node): Node {
    if (node.parent !== undefined) writable(node.parent).children?.set(node.name, node);
    return node;
  }

  /** Removes the node with all that is below it. Costs the same however much that is. */
  remove(node: Node): void {
    this.touch(node);
    for (const reader of this.readers) reader.beforeRemoval(node);
    if (node.deadline !== undefined) this.#deadlines.drop(node.deadline);
    if (node.children !== undefined && node.children.size > 0) {
      this.#snapshot?.walkFrom(node);
      if (this.#deadlines.size > 0) this.#cleanup.add(node);
    }
    if (node.parent !== undefined) writable(node.parent).children?.delete(node.name);
    writable(node).isRemoved = true;
  }

  /** The file becomes another one, created with that index. */
  replaceFile(file: Node, value: string, index: number): void {
    const changed = this.#change(file);
    changed.value = value;
    changed.createdIndex = index;
    changed.modifiedIndex = index;
  }

  writeFile(file: Node, value: string, modifiedIndex: number): void {
    const changed = this.#change(file);
    changed.value = value;
    changed.modifiedIndex = modifiedIndex;
  }

  /** @param role undefined when another part gives up what it kept at the node. */
  setRole(node: Node, role: NodeRole | undefined): void {
    this.#change(node).role = role;
  }

  /** Starts or restarts the TTL. @param ttlMs undefined for a node that never expires. */
  setTtl(node: Node, ttlMs: number | undefined, leaseRevision: number, now: number): void {
    if (ttlMs !== undefined) {
      this.#deadlines.start(this.#deadlineOf(node), ttlMs, leaseRevision, now);
    } else if (node.deadline !== undefined) {
      this.#deadlines.drop(node.deadline);
      this.#change(node).deadline = undefined;
    }
  }

  /** Sets a TTL that does not run. The caller schedules its deadline. */
  setIdleTtl(node: Node, ttlMs: number): Deadline {
    const deadline = this.#deadlineOf(node);
    this.#deadlines.setIdle(deadline, ttlMs);
    return deadline;
  }

  #deadlineOf(node: Node): Deadline {
    if (node.deadline !== undefined) return node.deadline;
    const deadline = new Deadline(node);
    this.#change(node).deadline = deadline;
    return deadline;
  }

  #change(node: Node): WritableNode {
    this.touch(node);
    return writable(node);
  }

  /**
   * Every change of a node calls this before it is made; the owner of a role does before the role
   * changes. A removed node must not change: a running snapshot writes it as it was, and a later
   * one must not have it.
   */
  touch(node: Node): void {
    assert(isAttached(node), 'a node that was removed changes no more');
    this.save(node);
    if (this.readers.size > 0) for (const reader of this.readers) reader.touch(node);
  }

  /** Writes the node to the snapshot that is read, its directories first, unless it is there. */
  save(node: Node): void {
    const snapshot = this.#snapshot;
    if (snapshot === undefined || node.savedFor >= snapshot.number) return;
    if (node.parent !== undefined) this.save(node.parent);
    writable(node).savedFor = snapshot.number;
    snapshot.write(node);
  }

  recordStarts(appliedIndex: number, clusterTimeMs: number, now: number): void {
    this.#deadlines.recordStarts(appliedIndex, clusterTimeMs, now);
  }

  /** See `StateParts.beginAt`. */
  beginAt(restoredIndex: number): void {
    this.#deadlines.beginAt(restoredIndex);
  }

  /** TTLs have not begun: see `Deadlines.beginAt`. */
  forgetStarts(): void {
    this.#deadlines.forgetStarts();
  }

  /** Sweeps some nodes below removed directories. */
  tidy(): void {
    this.#cleanup.sweep(this.#deadlines);
  }

  /**
   * The nodes are saved for the snapshot from now on, before they change or as it walks over them,
   * until `endSnapshot`.
   */
  beginSnapshot<K extends TreeSnapshot>(make: (number: number) => K): K {
    this.#snapshots += 1;
    const snapshot = make(this.#snapshots);
    this.#snapshot = snapshot;
    this.save(this.root);
    snapshot.walkFrom(this.root);
    return snapshot;
  }

  endSnapshot(snapshot: TreeSnapshot): void {
    if (this.#snapshot === snapshot) this.#snapshot = undefined;
  }

  /** For a snapshot that is restored. To be followed by `endRestore`. */
  restoreTtl(node: Node, ttl: ReplicatedDeadline, now: number, clusterTimeMs: number): void {
    this.#deadlines.restore(this.#deadlineOf(node), ttl, now, clusterTimeMs);
  }

  endRestore(): void {
    this.#deadlines.orderStarts();
  }
}

function writable(node: Node): WritableNode {
  return node as WritableNode;
}

function refused(name: ErrorName, cause: string): Failure<Refusal> {
  return failure({ name, cause });
}

function segmentEnd(path: string, start: number): number {
  const slash = path.indexOf('/', start);
  return slash < 0 ? path.length : slash;
}
