import type { Fence } from '../../command/fence.js';
import type { FenceCheck } from '../keys/key-commands.js';
import { entryAt, holdersOf } from './queue.js';
import type { Queues } from './queues.js';

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
      return `place ${index} does not hold ${what} "${name}"; its holder: ${holdersOf(queue)}`;
    }
    return undefined;
  }
}
