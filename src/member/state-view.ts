import type { NodeEvent, NodeView } from '../command/event.js';
import type { HoldMode } from '../command/hold-rules.js';
import type { HolderChanges } from '../command/holder-change.js';
import type { LockSpace } from '../command/lock-path.js';
import type { CommandError } from '../command/result.js';
import type { MemberId } from '../ids.js';

/** The state machine as its readers see it, part by part: nothing here changes it. */
export interface StateView {
  /** Index of the newest event; `X-Etcd-Index`. */
  readonly etcdIndex: number;
  readonly keys: KeysView;
  readonly locks: LocksView;
  readonly members: MembersView;
  readonly time: TimeView;
}

export interface KeysView {
  /** A 'get' event with the node (and its children; with `recursive`, theirs too), or why not. */
  get(path: string, options: GetOptions): NodeEvent | CommandError;

  /** Whether `get` would take more time than the member can spare at once. */
  isHeavy(path: string, recursive: boolean): boolean;
  /** What `get` shows of a directory that is there, step by step, as it is now. */
  list(path: string, options: GetOptions): Listing;

  /** The event at or after `sinceIndex` that is still in the history comes first, if there is one. */
  watch(request: WatchRequest): Watcher | CommandError;

  statistics(): StoreStatistics;
}

/** Locks and elections. */
export interface LocksView {
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

export interface MembersView {
  /** The members that have registered, in the order of their ids. */
  registered(): readonly RegisteredMember[];
}

export interface TimeView {
  /** When the cluster's clock showed that, on this member's clock. For people: nothing is decided by it. */
  onMemberClock(clusterTimeMs: number): number;
}

export interface GetOptions {
  readonly recursive: boolean;
  readonly sorted: boolean;
  /** With those whose name begins with an underscore. */
  readonly hidden: boolean;
}

/** To be closed, or read to its end. */
export interface Listing {
  next(): { readonly done: boolean; readonly step: ListingStep | undefined };
  /** Idempotent. */
  close(): void;
}

/** A directory is opened, then come its children, then it is closed; all else is one step. */
export interface ListingStep {
  readonly type: 'node' | 'open' | 'close';
  readonly view: NodeView;
}

export interface WatchRequest {
  readonly path: string;
  readonly recursive: boolean;
  readonly stream: boolean;
  /** Zero: from now on. */
  readonly sinceIndex: number;
  /** Called in the order of the log, from inside an apply: it may only enqueue. */
  onEvent(event: NodeEvent): void;
  /** The state was replaced by a snapshot: events were skipped, and the watcher is gone. */
  onCleared(): void;
}

/** Without `stream` it ends with its first event. */
export interface Watcher {
  /** The etcd index when the watch began. */
  readonly startIndex: number;
  /** Idempotent. */
  close(): void;
}

export interface QueueEntryView {
  readonly index: number;
  readonly value: string;
  readonly ttlMs: number;
  readonly holds: boolean;
  readonly mode: HoldMode;
  /** On the cluster's clock: since when it stands in the queue. */
  readonly enteredAt: number;
  /** On the cluster's clock: since when it holds; undefined while it waits. */
  readonly grantedAt: number | undefined;
  /** On this member's clock; undefined while waiting, when the TTL does not run. */
  readonly expiresAt: number | undefined;
}

/** To be closed, or read to its end. */
export interface QueueListing {
  /** Undefined once all were read. */
  next(): QueueEntryView | undefined;
  /** Idempotent. */
  close(): void;
}

export interface SpaceTotals extends QueueSize {
  readonly names: number;
}

export interface QueueSize {
  readonly holding: number;
  readonly waiting: number;
}

/** `lost`: a snapshot replaced the state, so there may have been many changes, or none. */
export type HolderListener = (change: 'changed' | 'lost') => void;

/** `lost`: a snapshot replaced the state, so look again. */
export type QueueEntryListener = (change: 'granted' | 'removed' | 'lost') => void;

export interface RegisteredMember {
  readonly memberId: MemberId;
  readonly incarnation: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly version: string;
}

/** Counts since this member started, in the names of `/v2/stats/store`. */
export interface StoreStatistics {
  readonly getsSuccess: number;
  readonly getsFail: number;
  readonly setsSuccess: number;
  readonly setsFail: number;
  readonly deleteSuccess: number;
  readonly deleteFail: number;
  readonly updateSuccess: number;
  readonly updateFail: number;
  readonly createSuccess: number;
  readonly createFail: number;
  readonly compareAndSwapSuccess: number;
  readonly compareAndSwapFail: number;
  readonly compareAndDeleteSuccess: number;
  readonly compareAndDeleteFail: number;
  readonly expireCount: number;
  readonly watchers: number;
}
