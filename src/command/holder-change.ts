import type { LockSpace } from './lock-path.js';

/** A queue entry began to hold a lock or to be a leader, or ceased to. */
export interface HolderChange {
  readonly space: LockSpace;
  readonly name: string;
  /** Etcd index of the change: a queue entry that goes and those that hold in its stead share one. */
  readonly at: number;
  /** What the cluster's clock showed. */
  readonly clusterTimeMs: number;
  readonly action: 'granted' | 'released' | 'expired';
  /** Of the queue entry. */
  readonly index: number;
  /** Of the queue entry; the beginning of a long one. */
  readonly value: string;
}

/** The changes of one name, in the order of the log. */
export interface HolderChanges {
  readonly changes: readonly HolderChange[];
  /** Every change at or after this index is remembered. */
  readonly oldestIndex: number;
}
