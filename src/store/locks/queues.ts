import { assert } from '../../assert.js';
import type { HoldMode } from '../../command/hold-rules.js';
import type { LockSpace } from '../../command/lock-path.js';
import { lockDirectory, lockRoot } from '../../command/lock-path.js';
import type { SpaceTotals } from '../../view/queue.js';
import type { Node } from '../keys/node.js';
import type { Tree } from '../keys/tree.js';
import { ShardedMap } from '../part/sharded-map.js';
import type { Writable } from '../part/writable.js';
import { Attachments } from './attachments.js';
import { HolderHistory } from './holder-history.js';
import { LastReleased } from './last-released.js';
import { Queue, type QueueEntry } from './queue.js';
import { SortedNames } from './sorted-names.js';

/** The last released indexes of each space. */
type LastReleasedBySpace = Readonly<Record<LockSpace, LastReleased>>;

/**
 * The queues of all locks and elections, each at its directory in the tree. All changes of queues
 * and of their entries are made here, and tell the tree before, which saves their nodes (copy on
 * write). Only attachments are changed elsewhere.
 */
export class Queues {
  readonly #tree: Tree;
  readonly #byName: Readonly<Record<LockSpace, ShardedMap<Queue>>> = {
    lock: new ShardedMap(),
    leader: new ShardedMap(),
  };
  readonly #names: Readonly<Record<LockSpace, SortedNames>> = {
    lock: new SortedNames(),
    leader: new SortedNames(),
  };
  readonly attachments: Attachments;
  readonly lastReleased: LastReleasedBySpace;
  readonly history: HolderHistory;

  constructor(tree: Tree, lastReleased: LastReleasedBySpace, history: HolderHistory) {
    this.#tree = tree;
    this.attachments = new Attachments(tree);
    this.lastReleased = lastReleased;
    this.history = history;
  }

  static empty(tree: Tree): Queues {
    const lastReleased = { lock: new LastReleased(0), leader: new LastReleased(0) };
    return new Queues(tree, lastReleased, new HolderHistory());
  }

  get(space: LockSpace, name: string): Queue | undefined {
    return this.#byName[space].get(name);
  }

  /** The names from `start` on, in order. To be read before the next change. */
  namesFrom(space: LockSpace, start: string): Iterable<string> {
    return this.#names[space].from(start);
  }

  /** Visits every queue, so it is not for a hot path. */
  totals(space: LockSpace): SpaceTotals {
    let holding = 0;
    let waiting = 0;
    for (const queue of this.#byName[space].values()) {
      holding += queue.holders;
      waiting += queue.length - queue.holders;
    }
    return { names: this.#byName[space].size, holding, waiting };
  }

  holderChangedIndex(space: LockSpace, name: string): number {
    return this.get(space, name)?.holderChangedIndex ?? this.lastReleased[space].of(name);
  }

  /** Returns the queue of that name. A new one has that limit, and its directories that index. */
  open(space: LockSpace, name: string, limit: number, index: number): Queue {
    const known = this.get(space, name);
    if (known !== undefined) return known;
    const directory = this.#directory(`${lockDirectory(space, name)}/`, index);
    const queue = new Queue(space, name, directory, limit, this.lastReleased[space].take(name));
    this.add(queue);
    return queue;
  }

  add(queue: Queue): void {
    this.#tree.setRole(queue.node, queue);
    this.#byName[queue.space].set(queue.name, queue);
    this.#names[queue.space].add(queue.name);
  }

  #directory(prefix: string, index: number): Node {
    const directory = this.#tree.directoryOf(prefix, index);
    assert(directory.ok, 'nothing but locks is kept where locks are');
    return directory.value;
  }

  /** The last entry was removed. Directories that are empty now are removed without an event. */
  close(queue: Queue): void {
    assert(queue.first === undefined, 'a queue with queue entries stays');
    this.#byName[queue.space].delete(queue.name);
    this.#names[queue.space].delete(queue.name);
    this.lastReleased[queue.space].note(queue.name, queue.holderChangedIndex);
    this.#tree.setRole(queue.node, undefined);
    this.#prune(queue.node, lockRoot(queue.space));
  }

  #prune(from: Node, root: string): void {
    const stop = this.#tree.find(root);
    assert(stop.ok, 'a queue is below the directory of all queues of its space');
    let directory: Node | undefined = from;
    while (directory !== undefined && directory !== stop.value) {
      if (directory.children?.size !== 0 || directory.role !== undefined) return;
      this.#tree.remove(directory);
      directory = directory.parent;
    }
  }

  addEntry(entry: QueueEntry): void {
    this.#tree.setRole(entry.node, entry);
    insert(linked(entry.queue), entry);
  }

  /** The entry holds from now on. No entry in front of it waits. */
  grant(entry: QueueEntry, clusterTimeMs: number): void {
    assert(firstWaiting(entry.queue) === entry, 'nobody is overtaken');
    this.#change(entry).grantedAt = clusterTimeMs;
    countHolder(linked(entry.queue), entry);
  }

  /** What changed before, and at, that index is not known. */
  beginHistory(index: number): void {
    for (const space of ['lock', 'leader'] as const) {
      for (const queue of this.#byName[space].values()) this.setHolderChangedIndex(queue, index);
      this.lastReleased[space].begin(index);
    }
    this.history.begin(index);
  }

  /** The log entry with that index keeps the place of the entry. */
  keep(entry: QueueEntry, logIndex: number, mayBeGivenUp: boolean): void {
    const changed = this.#change(entry);
    changed.keptAt = logIndex;
    changed.mayBeGivenUp = mayBeGivenUp;
  }

  setHolderChangedIndex(queue: Queue, etcdIndex: number): void {
    this.#change(queue).holderChangedIndex = etcdIndex;
  }

  /** The node of the entry was removed, and saved before where that was needed. */
  unlink(entry: QueueEntry): void {
    unlink(linked(entry.queue), entry);
  }

  #change<R extends Queue | QueueEntry>(role: R): Writable<R> {
    this.#tree.touch(role.node);
    return role;
  }
}

/** A queue with the links of its entries, none of which is written into a snapshot. */
interface LinkedQueue extends Omit<Writable<Queue>, 'byValue'> {
  byValue: Map<string, QueueEntry> | undefined;
}
type LinkedEntry = Writable<QueueEntry>;

function linked(queue: Queue): LinkedQueue {
  return queue as LinkedQueue;
}

/** Inserts by index. That is at the end, except for entries that a snapshot has out of order. */
function insert(queue: LinkedQueue, entry: LinkedEntry): void {
  let before: LinkedEntry | undefined = queue.last;
  while (before !== undefined && before.index > entry.index) before = before.before;
  const behind: LinkedEntry | undefined = before === undefined ? queue.first : before.behind;
  entry.before = before;
  entry.behind = behind;
  if (before === undefined) queue.first = entry;
  else before.behind = entry;
  if (behind === undefined) queue.last = entry;
  else behind.before = entry;
  queue.length += 1;
  if (entry.holds) countHolder(queue, entry);
  const { value } = entry.node;
  if (value === '') return;
  queue.byValue ??= new Map();
  queue.byValue.set(value, entry);
}

function unlink(queue: LinkedQueue, entry: LinkedEntry): void {
  const before: LinkedEntry | undefined = entry.before;
  const behind: LinkedEntry | undefined = entry.behind;
  queue.length -= 1;
  if (entry.holds) queue.holders -= 1;
  if (queue.lastHolder === entry) queue.lastHolder = before;
  if (before === undefined) queue.first = behind;
  else before.behind = behind;
  if (behind === undefined) queue.last = before;
  else behind.before = before;
  entry.before = undefined;
  entry.behind = undefined;
  if (entry.node.value !== '') queue.byValue?.delete(entry.node.value);
}

function countHolder(queue: LinkedQueue, entry: QueueEntry): void {
  queue.holders += 1;
  if (queue.lastHolder === undefined || queue.lastHolder.index < entry.index) {
    queue.lastHolder = entry;
  }
}

/** The first entry that waits. */
export function firstWaiting({ first, lastHolder }: Queue): QueueEntry | undefined {
  return lastHolder === undefined ? first : lastHolder.behind;
}

/** Whether an entry of that mode may join the holders, if no entry waits in front of it. */
export function admits({ first, holders, limit }: Queue, mode: HoldMode): boolean {
  return holders < limit || (mode === 'shared' && first?.mode === 'shared');
}
