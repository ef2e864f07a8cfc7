import type { NodeEvent } from '../command/event.js';

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
