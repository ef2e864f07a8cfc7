import type { Tree } from '../keys/tree.js';
import type { Queue, QueueEntry } from './queue.js';
import type { Queues } from './queues.js';

/**
 * Leaves those who hold, and were told so, in the queues of a new cluster, until they are released
 * or expire. Those who wait go: the old cluster may have granted them after the backup, and their
 * index must not be given out as a token a second time. So do those who hold through connections.
 */
export function keepOnlyHolders(tree: Tree, queues: Queues): void {
  for (const space of ['lock', 'leader'] as const) {
    for (const name of [...queues.namesFrom(space, '')]) {
      const queue = queues.get(space, name);
      if (queue !== undefined) keepHolders(queue, tree, queues);
    }
  }
}

/** From the end, so that nobody who waits could hold meanwhile. */
function keepHolders(queue: Queue, tree: Tree, queues: Queues): void {
  for (let entry = queue.last; entry !== undefined; ) {
    const { before } = entry;
    if (isKept(entry)) queues.attachments.keepUntilReleased(entry);
    else remove(entry, tree, queues);
    entry = before;
  }
  if (queue.first === undefined) queues.close(queue);
}

/**
 * Without an attachment it was kept until it is released before. Whoever kept a place may not know
 * yet that it holds by now.
 */
function isKept({ holds, attachments, keptAt }: QueueEntry): boolean {
  const isPlain = attachments.some(({ plain }) => plain !== undefined && plain.size > 0);
  return holds && (attachments.length === 0 || isPlain || keptAt !== undefined);
}

function remove(entry: QueueEntry, tree: Tree, queues: Queues): void {
  queues.attachments.detachAll(entry);
  tree.remove(entry.node);
  queues.unlink(entry);
}
