import type { Fence } from '../../command/fence.js';
import { entryAt, type QueueEntry } from '../keys/node.js';
import type { Queues } from './queues.js';

/** The error names so many holders, and counts the others. */
const namedMax = 3;

/**
 * The cause of the failure: the first fence that does not hold. Undefined when all of them hold.
 */
export function brokenFence(queues: Queues, fences: readonly Fence[]): string | undefined {
  for (const { space, name, index } of fences) {
    const queue = queues.get(space, name);
    if (queue !== undefined && entryAt(queue, index)?.holds === true) continue;
    const what = space === 'lock' ? 'lock' : 'election';
    const who = queue === undefined ? 'nobody' : holdersText(queue.first, queue.holders);
    return `place ${index} does not hold ${what} "${name}"; its holder: ${who}`;
  }
  return undefined;
}

function holdersText(first: QueueEntry | undefined, count: number): string {
  const named: number[] = [];
  let entry = first;
  while (entry?.holds === true && named.length < namedMax) {
    named.push(entry.index);
    entry = entry.behind;
  }
  const others = count - named.length;
  return others === 0 ? named.join(', ') : `${named.join(', ')} and ${others} more`;
}
