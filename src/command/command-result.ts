import type { NodeEvent } from './event.js';

/** The result of a command. It is the same on every member. */
export type CommandResult =
  | { readonly type: 'event'; readonly event: NodeEvent; readonly etcdIndex: number }
  | { readonly type: 'queueEntry'; readonly entry: QueueEntryResult; readonly etcdIndex: number }
  /**
   * No content: a release, a cancel, a registration, a keep-alive, an expiry, or a change of users
   * and roles, which may have created one.
   */
  | { readonly type: 'done'; readonly etcdIndex: number; readonly created?: boolean | undefined }
  | { readonly type: 'error'; readonly error: CommandError };

/** A queue entry, after `acquire`, `renew`, or a `cancelAcquire` that kept the holder. */
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
