export type Action =
  | 'get'
  | 'create'
  | 'set'
  | 'update'
  | 'delete'
  | 'compareAndSwap'
  | 'compareAndDelete'
  | 'expire';

/** What happened to a key, or what a read found there (etcd v2, "Response"). */
export interface NodeEvent {
  readonly action: Action;
  readonly node: NodeView;
  readonly prevNode?: NodeView;
  /** Watchers are not told (a TTL refresh). */
  readonly refresh?: true;
}

/** A key at one moment. Absent fields are absent in the JSON as well. */
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
  /** Of a node as it was before an event: what was left of its TTL then. */
  readonly leftMs?: number;
}
