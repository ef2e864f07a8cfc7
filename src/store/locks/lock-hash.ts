import type { StateHash } from '../part/state-hash.js';
import type { Queue, QueueEntry } from './queue.js';
import type { Queues } from './queues.js';

export function addQueues(hash: StateHash, queues: Queues): void {
  for (const space of ['lock', 'leader'] as const) {
    for (const name of queues.namesFrom(space, '')) {
      const queue = queues.get(space, name);
      if (queue !== undefined) addQueue(hash, queue);
    }
    hash.add(queues.lastReleased[space].bound);
    for (const [name, index] of queues.lastReleased[space].entries) hash.add(name, index);
  }
  hash.add(queues.history.forgottenUpTo);
  for (const { space, name, at, clusterTimeMs, action, index, value } of queues.history.all) {
    hash.add(space, name, at, clusterTimeMs, action, index, value);
  }
}

function addQueue(hash: StateHash, queue: Queue): void {
  const { space, name, limit, holders, holderChangedIndex, byValue } = queue;
  hash.add(space, name, limit, holders, holderChangedIndex, byValue?.size ?? 0);
  for (let entry = queue.first; entry !== undefined; entry = entry.behind) addEntry(hash, entry);
}

function addEntry(hash: StateHash, entry: QueueEntry): void {
  hash.add(entry.index, entry.mode, entry.enteredAt, entry.grantedAt);
  if (entry.client !== undefined) hash.add(entry.client);
  if (entry.keptAt !== undefined) hash.add(entry.keptAt, entry.mayBeGivenUp);
  for (const { boot, plain, connected } of entry.attachments) {
    hash.add(boot.session.memberId, boot.number, plain?.size ?? 0, connected?.size ?? 0);
    for (const sequence of plain ?? []) hash.add(sequence);
    for (const sequence of connected ?? []) hash.add(sequence);
  }
}
