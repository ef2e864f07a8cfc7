import type { HoldMode } from '../command/hold-rules.js';
import type { LockSpace } from '../command/lock-path.js';
import { inOrderKey } from '../command/lock-path.js';
import { joinPath } from '../command/path.js';
import type { Boot } from './session.js';

/**
 * A file or a directory of the tree. One class for both, with every field set by the constructor,
 * so that all of them have one shape in memory.
 */
export class Node {
  readonly name: string;
  /** Undefined for the root. Stays when the node is removed: what hangs below still knows its path. */
  readonly parent: Node | undefined;
  value: string;
  /** Undefined for a file. */
  readonly children: Map<string, Node> | undefined;
  createdIndex: number;
  modifiedIndex: number;
  deadline: Deadline | undefined;
  /** What the node is to a lock, if anything. */
  role: QueueEntry | Queue | undefined;
  /** Number of the last snapshot that has this node, or for which it is too young. */
  savedFor: number;
  /** It left its directory, for good. What hangs below it is not told. */
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

/** Whether the node is in the tree still, and not below a directory that was removed. */
export function isAttached(node: Node): boolean {
  for (let above: Node | undefined = node; above !== undefined; above = above.parent) {
    if (above.isRemoved) return false;
  }
  return true;
}

/** When a node's TTL is over, or a waiting queue entry has to be looked at. */
export class Deadline {
  readonly node: Node;
  ttlMs: number;
  /** Log index of the entry that started the TTL; zero while it does not run, at a waiting queue entry. */
  leaseRevision: number;
  /** On the cluster's clock, and never earlier than the truth; undefined while it is not known. */
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
  /** Queue entries that have a value, by it; made when the first one comes. Empty values never meet. */
  byValue: Map<string, QueueEntry> | undefined;
  /** So many exclusive queue entries hold together. */
  readonly limit: number;
  /** Holds the lock. */
  first: QueueEntry | undefined;
  last: QueueEntry | undefined;
  /** All from the first to this one hold the lock, and no other. */
  lastHolder: QueueEntry | undefined;
  holders: number;
  /** Not those of locks whose names go on where this one ends: they are in directories beside its queue entries. */
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

/** An entry of a queue: a linked list, so that leaving costs the same anywhere in it. */
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
  /** One for each boot through which it is kept. */
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

/** What keeps a queue entry through one boot of a member: the acquires that asked for it, by `Origin.sequence`. */
export class Attachment {
  readonly entry: QueueEntry;
  readonly boot: Boot;
  /** The queue entry goes with the last of them, until they are told that it holds. */
  plain: Set<number> | undefined;
  /** The queue entry goes with the last of them even then: it is held through their connections. */
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

/** The queue entry of that index, if the directory is a queue and has it. */
export function entryAt(queue: Queue, index: number): QueueEntry | undefined {
  const role = queue.node.children?.get(inOrderKey(index))?.role;
  return role?.type === 'queueEntry' ? role : undefined;
}
