import { assert } from '../../assert.js';
import type { ErrorName } from '../../command/errors.js';
import { Deadlines, newDeadline } from './deadlines.js';
import { DeferredCleanup } from './deferred-cleanup.js';
import { isAttached, Node } from './node.js';

/** Why no node was found or made at a path: an error of etcd. */
export class Refusal {
  readonly error: ErrorName;
  readonly cause: string;

  constructor(error: ErrorName, cause: string) {
    this.error = error;
    this.cause = cause;
  }
}

/** A snapshot that is being written. It has each node as it was when the snapshot began. */
export interface TreeSnapshot {
  readonly number: number;
  /** The node is about to change. */
  save(node: Node): void;
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

/** The nodes and their TTLs. */
export class Tree {
  readonly root: Node;
  readonly deadlines: Deadlines;
  readonly readers = new Set<TreeReader>();
  readonly #cleanup: DeferredCleanup;
  #snapshot: TreeSnapshot | undefined;
  #snapshots = 0;

  /** @param sweepMax the number of nodes below removed directories that one `tidy` looks at. */
  constructor(root: Node, deadlines: Deadlines, sweepMax: number) {
    this.root = root;
    this.deadlines = deadlines;
    this.#cleanup = new DeferredCleanup(sweepMax);
  }

  static empty(sweepMax: number): Tree {
    return new Tree(new Node(undefined, '', '', new Map(), 0, 0), new Deadlines(), sweepMax);
  }

  find(path: string): Node | Refusal {
    if (path === '/') return this.root;
    let node = this.root;
    for (let start = 1; ; ) {
      if (node.children === undefined) return new Refusal('notDir', path.slice(0, start - 1));
      const end = segmentEnd(path, start);
      const child = node.children.get(path.slice(start, end));
      if (child === undefined) return new Refusal('keyNotFound', path.slice(0, end));
      if (end === path.length) return child;
      node = child;
      start = end + 1;
    }
  }

  /** Returns the directory of `path`. Missing directories are created with that index. */
  directoryOf(path: string, index: number): Node | Refusal {
    let node = this.root;
    for (let start = 1; ; ) {
      if (node.children === undefined) return new Refusal('notDir', path.slice(0, start - 1));
      const end = segmentEnd(path, start);
      if (end === path.length) return node;
      const name = path.slice(start, end);
      node = node.children.get(name) ?? this.addDirectory(node, name, index);
      start = end + 1;
    }
  }

  addFile(parent: Node, name: string, value: string, index: number): Node {
    return this.#add(new Node(parent, name, value, undefined, index, this.#snapshots));
  }

  addDirectory(parent: Node, name: string, index: number): Node {
    return this.#add(new Node(parent, name, '', new Map(), index, this.#snapshots));
  }

  #add(node: Node): Node {
    node.parent?.children?.set(node.name, node);
    return node;
  }

  /** Removes the node with all that is below it. Costs the same however much that is. */
  remove(node: Node): void {
    this.touch(node);
    for (const reader of this.readers) reader.beforeRemoval(node);
    if (node.deadline !== undefined) this.deadlines.drop(node.deadline);
    if (node.children !== undefined && node.children.size > 0) {
      this.#snapshot?.walkFrom(node);
      if (this.deadlines.size > 0) this.#cleanup.add(node);
    }
    node.parent?.children?.delete(node.name);
    node.isRemoved = true;
  }

  /** @param ttlMs undefined for a node that never expires. */
  setTtl(node: Node, ttlMs: number | undefined, leaseRevision: number, now: number): void {
    if (ttlMs !== undefined) {
      const deadline = node.deadline ?? newDeadline(node);
      this.deadlines.start(deadline, ttlMs, leaseRevision, now);
    } else if (node.deadline !== undefined) {
      this.deadlines.drop(node.deadline);
      node.deadline = undefined;
    }
  }

  /**
   * To be called before any change of a node, its deadline or its role (copy on write). A removed
   * node must not change: a running snapshot writes it as it was, and a later one must not have it.
   */
  touch(node: Node): void {
    assert(isAttached(node), 'a node that was removed changes no more');
    if (this.#snapshot !== undefined && node.savedFor !== this.#snapshot.number) {
      this.#snapshot.save(node);
    }
    if (this.readers.size > 0) for (const reader of this.readers) reader.touch(node);
  }

  recordStarts(appliedIndex: number, clusterTimeMs: number): void {
    this.deadlines.recordStarts(appliedIndex, clusterTimeMs, (node) => this.touch(node));
  }

  /** Sweeps some nodes below removed directories. */
  tidy(): void {
    this.#cleanup.sweep(this.deadlines);
  }

  /** From now on the snapshot is told of every change before it is made, until `endSnapshot`. */
  beginSnapshot<K extends TreeSnapshot>(make: (number: number) => K): K {
    this.#snapshots += 1;
    const snapshot = make(this.#snapshots);
    this.#snapshot = snapshot;
    return snapshot;
  }

  endSnapshot(snapshot: TreeSnapshot): void {
    if (this.#snapshot === snapshot) this.#snapshot = undefined;
  }
}

function segmentEnd(path: string, start: number): number {
  const slash = path.indexOf('/', start);
  return slash < 0 ? path.length : slash;
}
