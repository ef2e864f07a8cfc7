import type { LockSpace } from '../../command/lock-path.js';
import type { QueueSize } from '../../view/queue.js';
import type { QueueEntryView } from '../../view/queue-entry.js';
import { entryAt, type Queue, type QueueEntry } from './queue.js';
import type { Queues } from './queues.js';

export function entryState(entry: QueueEntry): QueueEntryView {
  const { index, node, deadline, holds, mode, enteredAt, grantedAt, client } = entry;
  const { ttlMs } = deadline;
  const expiresAt = holds ? deadline.expiresAt : undefined;
  return { index, value: node.value, ttlMs, holds, mode, enteredAt, grantedAt, expiresAt, client };
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
): readonly QueueEntryView[] {
  const states: QueueEntryView[] = [];
  let entry = queues.get(space, name)?.first;
  while (entry !== undefined) {
    states.push(entryState(entry));
    entry = entry.behind;
  }
  return states;
}

export function queueSize(queue: Queue | undefined): QueueSize {
  if (queue === undefined) return { holding: 0, waiting: 0 };
  return { holding: queue.holders, waiting: queue.length - queue.holders };
}

export function holderStates(queue: Queue | undefined, max: number): readonly QueueEntryView[] {
  const states: QueueEntryView[] = [];
  let entry = queue?.first;
  while (entry?.holds === true && states.length < max) {
    states.push(entryState(entry));
    entry = entry.behind;
  }
  return states;
}
