import type { Fence } from '../../command/fence.js';
import type { FenceCheck } from '../keys/key-commands.js';
import { entryAt, type QueueEntry } from './queue.js';
import type { Queues } from './queues.js';

/** The error names so many holders, and counts the others. */
const namedMax = 3;

/** Tells whether fences hold, which only queue entries know. */
export class Fences implements FenceCheck {
  readonly #queues: Queues;

  constructor(queues: Queues) {
    this.#queues = queues;
  }

  broken(fences: readonly Fence[]): string | undefined {
    for (const { space, name, index } of fences) {
      const queue = this.#queues.get(space, name);
      if (queue !== undefined && entryAt(queue, index)?.holds === true) continue;
      const what = space === 'lock' ? 'lock' : 'election';
      const who = queue === undefined ? 'nobody' : holdersText(queue.first, queue.holders);
      return `place ${index} does not hold ${what} "${name}"; its holder: ${who}`;
    }
    return undefined;
  }
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
