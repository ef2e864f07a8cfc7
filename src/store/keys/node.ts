import { joinPath } from '../../command/path.js';
import { type ReadonlyShardedMap, ShardedMap } from '../part/sharded-map.js';

/** What another part of the state keeps at a node. */
export interface NodeRole {
  readonly type: string;
}

/**
 * A file or a directory of the tree. Only the tree changes it, so that no change is forgotten by a
 * snapshot or a listing. One class for both, with every field set by the constructor, so that all
 * of them have one shape in memory.
 */
export class Node {
  readonly name: string;
  /**
   * Undefined for the root. It is kept when the node is removed, so that nodes below still have a
   * path.
   */
  readonly parent: Node | undefined;
  readonly value: string;
  /** Undefined for a file. */
  readonly children: ReadonlyShardedMap<Node> | undefined;
  readonly createdIndex: number;
  readonly modifiedIndex: number;
  readonly deadline: Deadline | undefined;
  readonly role: NodeRole | undefined;
  /**
   * The number of the last snapshot that has this node, or that began before the node was added.
   */
  readonly savedFor: number;
  /** Set when the node is removed from its directory; not set on the nodes below it. */
  readonly isRemoved: boolean;

  constructor(
    parent: Node | undefined,
    name: string,
    value: string,
    isDirectory: boolean,
    createdIndex: number,
    modifiedIndex: number,
    savedFor: number,
  ) {
    this.name = name;
    this.parent = parent;
    this.value = value;
    this.children = isDirectory ? new ShardedMap<Node>() : undefined;
    this.createdIndex = createdIndex;
    this.modifiedIndex = modifiedIndex;
    this.deadline = undefined;
    this.role = undefined;
    this.savedFor = savedFor;
    this.isRemoved = false;
  }
}

export function pathOf(node: Node): string {
  return node.parent === undefined ? '/' : joinPath(pathOf(node.parent), node.name);
}

/** Whether neither the node nor a directory above it was removed. */
export function isAttached(node: Node): boolean {
  for (let above: Node | undefined = node; above !== undefined; above = above.parent) {
    if (above.isRemoved) return false;
  }
  return true;
}

/**
 * The time when a node's TTL ends, or when a waiting queue entry has to be looked at. Only the tree
 * changes what is replicated of it.
 */
export class Deadline {
  readonly node: Node;
  readonly ttlMs: number;
  /**
   * The index of the log entry that started the TTL. Zero for a waiting queue entry, whose TTL does
   * not run.
   */
  readonly leaseRevision: number;
  /**
   * The start on the cluster's clock, never before the true one. Undefined while it is not known.
   */
  readonly startedAt: number | undefined;
  /**
   * On this member's clock. Not replicated. For a waiting queue entry whose place is kept: for how
   * long at least.
   */
  readonly expiresAt: number;
  /** When to look at it next, on this member's clock. Not replicated. */
  readonly dueAt: number;
  /** Its position in the heap. */
  slot: number;

  constructor(node: Node) {
    this.node = node;
    this.ttlMs = 0;
    this.leaseRevision = 0;
    this.startedAt = undefined;
    this.expiresAt = 0;
    this.dueAt = 0;
    this.slot = -1;
  }
}
