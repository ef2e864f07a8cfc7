export type Action =
  | 'get'
  | 'create'
  | 'set'
  | 'update'
  | 'delete'
  | 'compareAndSwap'
  | 'compareAndDelete'
  | 'expire';

/** A change of a key, or the result of a read (etcd v2, "Response"). */
export interface NodeEvent {
  readonly action: Action;
  readonly node: NodeView;
  readonly prevNode?: NodeView;
  /** A TTL refresh, of which watchers are not notified. */
  readonly refresh?: true;
}

/** A key at one time. Absent fields are absent in the JSON as well. */
export interface NodeView {
  readonly key: string;
  readonly value?: string;
  readonly dir?: true;
  readonly ttl?: TtlView;
  readonly nodes?: readonly NodeView[];
  readonly modifiedIndex: number;
  readonly createdIndex: number;
}

/** `expiresAt` is on this member's own monotonic clock, in milliseconds; it is not replicated. */
export interface TtlView {
  readonly ttlMs: number;
  readonly expiresAt: number;
  /** In the node before an event: the time that was left of its TTL then. */
  readonly leftMs?: number;
}
