import type { LockSpace } from '../command/lock-path.js';

/** A queue entry began or ceased to hold a lock or to be the leader. */
export interface HolderChange {
  readonly space: LockSpace;
  readonly name: string;
  /**
   * The etcd index of the change. A removed entry and those granted because of it have the same.
   */
  readonly at: number;
  /** The time on the cluster's clock. */
  readonly clusterTimeMs: number;
  readonly action: 'granted' | 'released' | 'expired' | 'forced';
  /** The index of the queue entry. */
  readonly index: number;
  /** The value of the queue entry; of a long one, the beginning. */
  readonly value: string;
}

/** The changes of one name, in the order of the log. */
export interface HolderChanges {
  readonly changes: readonly HolderChange[];
  /** All changes at or after this index are kept. */
  readonly oldestIndex: number;
}

/** `lost`: a snapshot replaced the state, so there may have been many changes, or none. */
export type HolderListener = (change: 'changed' | 'lost') => void;
