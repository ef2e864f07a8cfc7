import type { NodeEvent } from '../../command/event.js';
import type { EventFeed } from '../events/event-feed.js';
import type { ApplyContext } from '../part/apply-context.js';
import type { Node } from './node.js';
import { viewBefore, viewExpired } from './node-view.js';
import type { Tree } from './tree.js';

/**
 * Removes the node with all that is below it. One event is published, to all watchers below as
 * well.
 */
export function publishRemoval(
  action: 'delete' | 'compareAndDelete' | 'expire',
  node: Node,
  path: string,
  tree: Tree,
  feed: EventFeed,
  context: ApplyContext,
): NodeEvent {
  const prevNode = action === 'expire' ? viewExpired(node, path) : viewBefore(node, path, context);
  const { createdIndex } = node;
  const modifiedIndex = feed.nextIndex;
  tree.remove(node);
  if (node.children === undefined) {
    const event = { action, node: { key: path, modifiedIndex, createdIndex }, prevNode };
    feed.publish(event);
    return event;
  }
  const dir = true;
  const event = {
    action,
    node: { key: path, dir, modifiedIndex, createdIndex },
    prevNode,
  } as const;
  feed.publishRemoval(event, (below) => hasBelow(node, below.slice(path.length + 1)));
  return event;
}

function hasBelow(directory: Node, relativePath: string): boolean {
  let node: Node | undefined = directory;
  for (const name of relativePath.split('/')) node = node?.children?.get(name);
  return node !== undefined;
}
