import type { NodeEvent } from '../command/event.js';
import type { HolderChanges } from '../command/holder-change.js';
import type { LockSpace } from '../command/lock-path.js';
import type { CommandError } from '../command/result.js';
import type { HolderListener } from './holder-listener.js';
import type { GetOptions, Listing } from './listing.js';
import type { QueueListing, QueueSize, SpaceTotals } from './queue.js';
import type { QueueEntryListener, QueueEntryView } from './queue-entry.js';
import type { RegisteredMember } from './registered-member.js';
import type { StoreStatistics } from './store-statistics.js';
import type { Watcher, WatchRequest } from './watch.js';

/** The state machine as its readers see it: nothing here changes it. */
export interface StateView {
  /** Index of the newest event; `X-Etcd-Index`. */
  readonly etcdIndex: number;

  /** A 'get' event with the node (and its children; with `recursive`, theirs too), or why not. */
  get(path: string, options: GetOptions): NodeEvent | CommandError;

  /** Whether `get` would take more time than the member can spare at once. */
  isHeavy(path: string, recursive: boolean): boolean;
  /** What `get` shows of a directory that is there, step by step, as it is now. */
  list(path: string, options: GetOptions): Listing;

  /** The event at or after `sinceIndex` that is still in the history comes first, if there is one. */
  watch(request: WatchRequest): Watcher | CommandError;

  /** The first of those who hold; undefined when nobody does. */
  holder(space: LockSpace, name: string): QueueEntryView | undefined;
  /** The whole queue, as it is now: those who hold, and behind them those who wait. */
  listQueue(space: LockSpace, name: string): QueueListing;
  queueEntry(space: LockSpace, name: string, index: number): QueueEntryView | undefined;
  /** Those who hold, in the order of the queue, `max` at most. */
  holders(space: LockSpace, name: string, max: number): readonly QueueEntryView[];
  queueSize(space: LockSpace, name: string): QueueSize;
  /** Of all names together. */
  totals(space: LockSpace): SpaceTotals;
  /**
   * Names with at least one queue entry, in order, from `start` on. To be read before the turn
   * ends.
   */
  namesFrom(space: LockSpace, start: string): Iterable<string>;
  /** How many exclusive queue entries hold together; 1 for a name without a queue. */
  limit(space: LockSpace, name: string): number;
  /** An etcd index since which no queue entry of any name came, went or began to hold. */
  spaceChangedIndex(space: LockSpace): number;
  /**
   * The etcd index at which the lock last changed its holders. For a name without a queue: an upper
   * bound, so that a wait from an older index returns at once and never misses a change.
   */
  holderChangedIndex(space: LockSpace, name: string): number;
  /**
   * Which queue entries began and ceased to hold at or after `sinceIndex`, as far as it is
   * remembered. After a snapshot replaced the state, all listeners are told, and this goes on where
   * it was.
   */
  holderChanges(space: LockSpace, name: string, sinceIndex: number): HolderChanges;
  /** When the cluster's clock showed that, on this member's clock. For people: nothing is decided by it. */
  onMemberClock(clusterTimeMs: number): number;

  /**
   * Tells once, at the next apply that makes the queue entry hold or removes it. Returns how to
   * stop.
   */
  onQueueEntry(
    space: LockSpace,
    name: string,
    index: number,
    listener: QueueEntryListener,
  ): () => void;
  /** Tells after each change of the lock's holders. Returns how to stop. */
  onHolder(space: LockSpace, name: string, listener: HolderListener): () => void;

  /**
   * Tells after each apply in which a queue entry of any name came, went or began to hold. Returns
   * how to stop.
   */
  onSpace(space: LockSpace, listener: () => void): () => void;

  members(): readonly RegisteredMember[];
  statistics(): StoreStatistics;
}
