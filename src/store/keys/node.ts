import type { HoldMode } from '../../command/hold-rules.js';
import type { LockSpace } from '../../command/lock-path.js';
import { inOrderKey } from '../../command/lock-path.js';
import { joinPath } from '../../command/path.js';
import type { Boot } from '../sessions/session.js';

/**
 * A file or a directory of the tree. One class for both, with every field set by the constructor,
 * so that all of them have one shape in memory.
 */
export class Node {
  readonly name: string;
  /**
   * Undefined for the root. It is kept when the node is removed, so that nodes below still have a
   * path.
   */
  readonly parent: Node | undefined;
  value: string;
  /** Undefined for a file. */
  readonly children: Map<string, Node> | undefined;
  createdIndex: number;
  modifiedIndex: number;
  deadline: Deadline | undefined;
  /** The queue or queue entry whose node this is. */
  role: QueueEntry | Queue | undefined;
  /**
   * The number of the last snapshot that has this node, or that began before the node was added.
   */
  savedFor: number;
  /** Set when the node is removed from its directory; not set on the nodes below it. */
  isRemoved: boolean;

  constructor(
    parent: Node | undefined,
    name: string,
    value: string,
    children: Map<string, Node> | undefined,
    index: number,
    savedFor: number,
  ) {
    this.name = name;
    this.parent = parent;
    this.value = value;
    this.children = children;
    this.createdIndex = index;
    this.modifiedIndex = index;
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

/** The time when a node's TTL ends, or when a waiting queue entry has to be looked at. */
export class Deadline {
  readonly node: Node;
  ttlMs: number;
  /**
   * The index of the log entry that started the TTL. Zero for a waiting queue entry, whose TTL does
   * not run.
   */
  leaseRevision: number;
  /**
   * The start on the cluster's clock, never before the true one. Undefined while it is not known.
   */
  startedAt: number | undefined;
  /** On this member's clock. Not replicated. */
  expiresAt: number;
  /** When to look at it next, on this member's clock. Not replicated. */
  dueAt: number;
  /** Its position in the heap. */
  slot: number;

  constructor(node: Node, ttlMs: number) {
    this.node = node;
    this.ttlMs = ttlMs;
    this.leaseRevision = 0;
    this.startedAt = undefined;
    this.expiresAt = 0;
    this.dueAt = 0;
    this.slot = -1;
  }
}

/** A lock with at least one queue entry; its node is the directory of the queue entries. */
export class Queue {
  readonly type = 'queue';
  readonly space: LockSpace;
  readonly name: string;
  readonly node: Node;
  /** Queue entries by value, made for the first one. Entries with an empty value are not in it. */
  byValue: Map<string, QueueEntry> | undefined;
  /** The number of exclusive queue entries that hold together. */
  readonly limit: number;
  /** It holds the lock. */
  first: QueueEntry | undefined;
  last: QueueEntry | undefined;
  /** The entries from the first to this one hold the lock, and no others. */
  lastHolder: QueueEntry | undefined;
  holders: number;
  /**
   * The number of queue entries. The node may have more children: directories of locks with longer
   * names.
   */
  length: number;
  holderChangedIndex: number;

  constructor(space: LockSpace, name: string, node: Node, limit: number, index: number) {
    this.space = space;
    this.name = name;
    this.node = node;
    this.byValue = undefined;
    this.limit = limit;
    this.first = undefined;
    this.last = undefined;
    this.lastHolder = undefined;
    this.holders = 0;
    this.length = 0;
    this.holderChangedIndex = index;
  }
}

/**
 * An entry of a lock's queue. The queue is a linked list, so removal costs the same anywhere in it.
 */
export class QueueEntry {
  readonly type = 'queueEntry';
  readonly queue: Queue;
  readonly node: Node;
  readonly deadline: Deadline;
  readonly mode: HoldMode;
  /** On the cluster's clock. */
  readonly enteredAt: number;
  /** On the cluster's clock; undefined while it waits. */
  grantedAt: number | undefined;
  before: QueueEntry | undefined;
  behind: QueueEntry | undefined;
  /** One for each boot with a request for this entry. */
  readonly attachments: Attachment[];

  constructor(queue: Queue, node: Node, deadline: Deadline, mode: HoldMode, enteredAt: number) {
    this.queue = queue;
    this.node = node;
    this.deadline = deadline;
    this.mode = mode;
    this.enteredAt = enteredAt;
    this.grantedAt = undefined;
    this.before = undefined;
    this.behind = undefined;
    this.attachments = [];
  }

  get index(): number {
    return this.node.createdIndex;
  }

  get holds(): boolean {
    return this.grantedAt !== undefined;
  }
}

/** The acquires of one member's boot that keep a queue entry, by `Origin.sequence`. */
export class Attachment {
  readonly entry: QueueEntry;
  readonly boot: Boot;
  /** Cancelling the last of them removes the queue entry, until they are told that it holds. */
  plain: Set<number> | undefined;
  /**
   * They hold through their connections: cancelling the last of them removes the entry even then.
   */
  connected: Set<number> | undefined;
  /** Its position among the attachments of the boot. */
  slot: number;

  constructor(entry: QueueEntry, boot: Boot) {
    this.entry = entry;
    this.boot = boot;
    this.plain = undefined;
    this.connected = undefined;
    this.slot = -1;
  }
}

/** The queue entry with that index, if there is one. */
export function entryAt(queue: Queue, index: number): QueueEntry | undefined {
  const role = queue.node.children?.get(inOrderKey(index))?.role;
  return role?.type === 'queueEntry' ? role : undefined;
}
