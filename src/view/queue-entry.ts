import type { HoldMode } from '../command/hold-rules.js';

/** An entry of the queue of a lock or an election. */
export interface QueueEntryView {
  /** The fencing token. */
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
  /** The address of its client, where it has no value. */
  readonly client: string | undefined;
}

/** `lost`: a snapshot replaced the state, so look again. */
export type QueueEntryListener = (change: 'granted' | 'removed' | 'lost') => void;
