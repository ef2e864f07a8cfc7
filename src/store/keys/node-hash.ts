import type { StateHash } from '../part/state-hash.js';
import { compareText } from '../part/text-order.js';
import type { Node } from './node.js';

/** Adds the node and all that is below it. */
export function addNode(hash: StateHash, node: Node): void {
  const { name, value, createdIndex, modifiedIndex, deadline, role } = node;
  hash.add(name, value, createdIndex, modifiedIndex, node.children?.size, role?.type);
  if (deadline !== undefined) hash.add(deadline.ttlMs, deadline.leaseRevision, deadline.startedAt);
  if (node.children === undefined) return;
  const children = [...node.children.values()].sort((a, b) => compareText(a.name, b.name));
  for (const child of children) addNode(hash, child);
}
