import type { NodeEvent } from './event.js';

/** The outcome of one command: data, the same on every member. */
export type Result =
  | { readonly type: 'event'; readonly event: NodeEvent; readonly etcdIndex: number }
  | { readonly type: 'queueEntry'; readonly entry: QueueEntryResult; readonly etcdIndex: number }
  /** Nothing to tell: released, left, registered, or an expiry that no longer fitted. */
  | { readonly type: 'done'; readonly etcdIndex: number }
  | { readonly type: 'error'; readonly error: CommandError };

/** An entry of a lock's queue, after `acquire`, `renew`, or a `cancelAcquire` that kept the holder. */
export interface QueueEntryResult {
  /** The fencing token: the etcd index at which the queue entry was created. */
  readonly index: number;
  readonly holds: boolean;
}

/** An expected failure, in etcd v2's terms. */
export interface CommandError {
  readonly errorCode: number;
  readonly cause: string;
  /** The etcd index at the time of the failure. */
  readonly index: number;
}
