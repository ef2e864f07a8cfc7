import type { NodeEvent, NodeView } from '../../command/event.js';
import type { StateHash } from '../part/state-hash.js';

export function addEvent(hash: StateHash, { action, node, prevNode, refresh }: NodeEvent): void {
  hash.add(action, refresh, prevNode !== undefined);
  addView(hash, node);
  if (prevNode !== undefined) addView(hash, prevNode);
}

/** Without the end of the TTL, which is not replicated. */
function addView(hash: StateHash, view: NodeView): void {
  const { key, value, dir, ttl, modifiedIndex, createdIndex } = view;
  hash.add(key, value, dir, ttl?.ttlMs, modifiedIndex, createdIndex);
}
