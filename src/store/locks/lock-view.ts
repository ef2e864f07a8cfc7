import type { HoldMode } from '../../command/hold-rules.js';
import type { LockSpace } from '../../command/lock-path.js';
import { entryAt, type Queue, type QueueEntry } from './queue.js';
import type { Queues } from './queues.js';

/** Structurally a reader's view of a queue entry. */
export interface QueueEntryState {
  readonly index: number;
  readonly value: string;
  readonly ttlMs: number;
  readonly holds: boolean;
  readonly mode: HoldMode;
  readonly enteredAt: number;
  readonly grantedAt: number | undefined;
  readonly expiresAt: number | undefined;
}

export function entryState(entry: QueueEntry): QueueEntryState {
  const { index, node, deadline, holds, mode, enteredAt, grantedAt } = entry;
  const { ttlMs } = deadline;
  const expiresAt = holds ? deadline.expiresAt : undefined;
  return { index, value: node.value, ttlMs, holds, mode, enteredAt, grantedAt, expiresAt };
}

export function findEntry(
  queues: Queues,
  space: LockSpace,
  name: string,
  index: number,
): QueueEntry | undefined {
  const queue = queues.get(space, name);
  return queue && entryAt(queue, index);
}

export function queueState(
  queues: Queues,
  space: LockSpace,
  name: string,
): readonly QueueEntryState[] {
  const states: QueueEntryState[] = [];
  let entry = queues.get(space, name)?.first;
  while (entry !== undefined) {
    states.push(entryState(entry));
    entry = entry.behind;
  }
  return states;
}

/** Structurally a reader's view of how long a queue is. */
export interface QueueSize {
  readonly holding: number;
  readonly waiting: number;
}

export function queueSize(queue: Queue | undefined): QueueSize {
  if (queue === undefined) return { holding: 0, waiting: 0 };
  return { holding: queue.holders, waiting: queue.length - queue.holders };
}

export function holderStates(queue: Queue | undefined, max: number): readonly QueueEntryState[] {
  const states: QueueEntryState[] = [];
  let entry = queue?.first;
  while (entry?.holds === true && states.length < max) {
    states.push(entryState(entry));
    entry = entry.behind;
  }
  return states;
}
