import type { LockSpace } from '../command/lock-path.js';
import type { MemberId } from '../ids.js';
import type { HolderChanges, HolderListener } from './holder-change.js';
import type { LockStatistics } from './lock-statistics.js';
import type { QueueListingView, QueueSize, SpaceTotals } from './queue.js';
import type { QueueEntryListener, QueueEntryView } from './queue-entry.js';

/** Locks and elections. */
export interface LocksView {
  /** The first of those who hold; undefined when nobody does. */
  holder(space: LockSpace, name: string): QueueEntryView | undefined;
  /** The whole queue, as it is now: those who hold, and behind them those who wait. */
  listQueue(space: LockSpace, name: string): QueueListingView;
  queueEntry(space: LockSpace, name: string, index: number): QueueEntryView | undefined;
  /** Those who hold, in the order of the queue, `max` at most. */
  holders(space: LockSpace, name: string, max: number): readonly QueueEntryView[];
  queueSize(space: LockSpace, name: string): QueueSize;
  /** Of all names together. */
  totals(space: LockSpace): SpaceTotals;
  /** How many requests wait for a grant through the newest known boot of that member. */
  waitingRequests(memberId: MemberId): number;
  statistics(space: LockSpace): LockStatistics;
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
}
