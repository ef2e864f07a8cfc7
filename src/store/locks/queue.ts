import type { HoldMode } from '../../command/hold-rules.js';
import { holdersText, namedHoldersMax } from '../../command/holders-text.js';
import { inOrderKey, type LockSpace } from '../../command/lock-path.js';
import type { Deadline, Node, NodeRole } from '../keys/node.js';
import type { Boot } from '../sessions/session.js';

/**
 * A lock with at least one queue entry; its node is the directory of the queue entries. Only
 * `Queues` changes it.
 */
export class Queue implements NodeRole {
  readonly type = 'queue';
  readonly space: LockSpace;
  readonly name: string;
  readonly node: Node;
  /** Queue entries by value, made for the first one. Entries with an empty value are not in it. */
  readonly byValue: ReadonlyMap<string, QueueEntry> | undefined;
  /** The number of exclusive queue entries that hold together. */
  readonly limit: number;
  /** It holds the lock. */
  readonly first: QueueEntry | undefined;
  readonly last: QueueEntry | undefined;
  /** The entries from the first to this one hold the lock, and no others. */
  readonly lastHolder: QueueEntry | undefined;
  readonly holders: number;
  /**
   * The number of queue entries. The node may have more children: directories of locks with longer
   * names.
   */
  readonly length: number;
  readonly holderChangedIndex: number;

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
 * Only `Queues` changes it, and `Attachments` its attachments.
 */
export class QueueEntry implements NodeRole {
  readonly type = 'queueEntry';
  readonly queue: Queue;
  readonly node: Node;
  readonly deadline: Deadline;
  readonly mode: HoldMode;
  /** On the cluster's clock. */
  readonly enteredAt: number;
  /** On the cluster's clock; undefined while it waits. */
  readonly grantedAt: number | undefined;
  /** The address of its client, where it has no value. */
  readonly client: string | undefined;
  /**
   * The index of the log entry that kept the place of a waiting entry last: it stays for its TTL
   * from then on, whoever leaves it. Undefined if nobody asked for that.
   */
  readonly keptAt: number | undefined;
  /**
   * A request that does not keep the place has joined since, and gives it up when its time ends.
   */
  readonly mayBeGivenUp: boolean;
  readonly before: QueueEntry | undefined;
  readonly behind: QueueEntry | undefined;
  /** One for each boot with a request for this entry. */
  readonly attachments: readonly Attachment[];

  constructor(
    queue: Queue,
    node: Node,
    deadline: Deadline,
    mode: HoldMode,
    enteredAt: number,
    grantedAt: number | undefined,
    client: string | undefined,
  ) {
    this.queue = queue;
    this.node = node;
    this.deadline = deadline;
    this.mode = mode;
    this.enteredAt = enteredAt;
    this.grantedAt = grantedAt;
    this.client = client;
    this.keptAt = undefined;
    this.mayBeGivenUp = false;
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
  readonly plain: ReadonlySet<number> | undefined;
  /**
   * They hold through their connections: cancelling the last of them removes the entry even then.
   */
  readonly connected: ReadonlySet<number> | undefined;
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

/** The indexes of the holders, as an error names them. */
export function holdersOf(queue: Queue | undefined): string {
  const named: number[] = [];
  let entry = queue?.first;
  while (entry?.holds === true && named.length < namedHoldersMax) {
    named.push(entry.index);
    entry = entry.behind;
  }
  return holdersText(named, queue?.holders ?? 0);
}

/** The queue entry with that index, if there is one. */
export function entryAt(queue: Queue, index: number): QueueEntry | undefined {
  const role = queue.node.children?.get(inOrderKey(index))?.role;
  return role instanceof QueueEntry ? role : undefined;
}
