import type { LockSpace } from '../command/command.js';
import type { NodeEvent } from '../command/event.js';
import type { CommandError } from '../command/result.js';
import type { MemberId } from '../ids.js';

/** The state machine as its readers see it: nothing here changes it. */
export interface StateView {
  /** Index of the newest event; `X-Etcd-Index`. */
  readonly etcdIndex: number;

  /** A 'get' event with the node (and its children; with `recursive`, theirs too), or why not. */
  get(path: string, options: GetOptions): NodeEvent | CommandError;

  /** The event at or after `sinceIndex` that is still in the history comes first, if there is one. */
  watch(request: WatchRequest): Watcher | CommandError;

  /** Undefined when nobody holds. */
  holder(space: LockSpace, name: string): PlaceView | undefined;
  /** The whole queue, the holder first. */
  queue(space: LockSpace, name: string): readonly PlaceView[];
  place(space: LockSpace, name: string, index: number): PlaceView | undefined;
  /** Names with at least one place, in order. */
  names(space: LockSpace): readonly string[];
  /**
   * The etcd index at which the lock last changed its holder. For a name without a queue: an upper
   * bound, so that a wait from an older index returns at once and never misses a change.
   */
  holderChangedIndex(space: LockSpace, name: string): number;

  /** Tells once, at the next apply that makes the place hold or removes it. Returns how to stop. */
  onPlace(space: LockSpace, name: string, index: number, listener: PlaceListener): () => void;
  /** Tells after each change of the lock's holder. Returns how to stop. */
  onHolder(space: LockSpace, name: string, listener: () => void): () => void;

  members(): readonly RegisteredMember[];
  statistics(): StoreStatistics;
}

export interface GetOptions {
  readonly recursive: boolean;
  readonly sorted: boolean;
}

export interface WatchRequest {
  readonly path: string;
  readonly recursive: boolean;
  readonly stream: boolean;
  /** Zero: from now on. */
  readonly sinceIndex: number;
  /** Called in the order of the log, from inside an apply: it may only enqueue. */
  readonly onEvent: (event: NodeEvent) => void;
  /** The state was replaced by a snapshot: events were skipped, and the watcher is gone. */
  readonly onCleared: () => void;
}

/** Without `stream` it ends with its first event. */
export interface Watcher {
  /** The etcd index when the watch began. */
  readonly startIndex: number;
  /** Idempotent. */
  close(): void;
}

export interface PlaceView {
  readonly index: number;
  readonly value: string;
  readonly ttlMs: number;
  readonly holds: boolean;
  /** On this member's clock; undefined while waiting, when the TTL does not run. */
  readonly expiresAt: number | undefined;
}

/** `lost`: a snapshot replaced the state, so look again. */
export type PlaceListener = (change: 'granted' | 'removed' | 'lost') => void;

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
