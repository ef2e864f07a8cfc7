import type { NodeView, TtlView } from '../../command/event.js';
import { joinPath } from '../../command/path.js';
import type { GetOptions } from '../../view/listing.js';
import type { ApplyContext } from '../part/apply-context.js';
import { compareText } from '../part/text-order.js';
import { passedMs } from './deadlines.js';
import type { Deadline, Node } from './node.js';

/** The view of a node without its children. */
export function viewOf(node: Node, path: string): NodeView {
  const { value, modifiedIndex, createdIndex } = node;
  const ttl = ttlOf(node);
  if (node.children !== undefined) {
    const dir = true;
    return ttl === undefined
      ? { key: path, dir, modifiedIndex, createdIndex }
      : { key: path, dir, ttl, modifiedIndex, createdIndex };
  }
  return ttl === undefined
    ? { key: path, value, modifiedIndex, createdIndex }
    : { key: path, value, ttl, modifiedIndex, createdIndex };
}

/**
 * The view of a node that is about to change. It has the time left now, since the event may be read
 * later.
 */
export function viewBefore(node: Node, path: string, context: ApplyContext): NodeView {
  const view = viewOf(node, path);
  if (view.ttl === undefined) return view;
  return { ...view, ttl: { ...view.ttl, leftMs: leftMs(view.ttl, node.deadline, context) } };
}

/**
 * The view of a node that expires. No time is left, whatever this member's clock says: the leader
 * decides.
 */
export function viewExpired(node: Node, path: string): NodeView {
  const view = viewOf(node, path);
  return view.ttl === undefined ? view : { ...view, ttl: { ...view.ttl, leftMs: 0 } };
}

/**
 * A member that replays its log has counted no time, so the cluster's clock is taken if it says
 * less.
 */
function leftMs(
  { ttlMs, expiresAt }: TtlView,
  deadline: Deadline | undefined,
  { now, clusterTimeMs }: ApplyContext,
): number {
  const startedAt = deadline?.startedAt;
  if (startedAt === undefined) return expiresAt - now;
  return Math.min(expiresAt - now, ttlMs - passedMs(startedAt, clusterTimeMs));
}

/** Undefined for a waiting queue entry, whose TTL does not run. */
function ttlOf({ deadline }: Node): TtlView | undefined {
  if (deadline === undefined || deadline.leaseRevision === 0) return undefined;
  return { ttlMs: deadline.ttlMs, expiresAt: deadline.expiresAt };
}

/**
 * The view of a node with its children; with `recursive` the children have theirs. Empty lists are
 * left out.
 */
export function listingOf(node: Node, path: string, options: GetOptions): NodeView {
  const view = viewOf(node, path);
  if (node.children === undefined) return view;
  const nodes: NodeView[] = [];
  for (const child of node.children.values()) {
    if (!options.hidden && child.name.startsWith('_')) continue;
    const key = joinPath(path, child.name);
    nodes.push(options.recursive ? listingOf(child, key, options) : viewOf(child, key));
  }
  if (nodes.length === 0) return view;
  if (options.sorted) nodes.sort((a, b) => compareText(a.key, b.key));
  return { ...view, nodes };
}

/** The cost of a node beside its name and value, in UTF-16 units. */
const nodeUnits = 256;

/** Whether showing the directory costs more than `unitsMax`. Stops as soon as it does. */
export function isHeavy(directory: Node, recursive: boolean, unitsMax: number): boolean {
  const pending = [directory];
  let units = 0;
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const child of node.children?.values() ?? []) {
      units += nodeUnits + child.name.length + child.value.length;
      if (units > unitsMax) return true;
      if (recursive && child.children !== undefined) pending.push(child);
    }
  }
  return false;
}
