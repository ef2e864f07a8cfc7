import type { NodeView, TtlView } from '../command/event.js';
import { joinPath } from '../command/path.js';
import type { ApplyContext } from './apply-context.js';
import { passedMs } from './deadlines.js';
import type { Deadline, Node } from './node.js';

/** What the tree shows of a node, without what is below it. */
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

/** What a node was before it changes, which is now: an event may be told much later. */
export function viewBefore(node: Node, path: string, context: ApplyContext): NodeView {
  const view = viewOf(node, path);
  if (view.ttl === undefined) return view;
  return { ...view, ttl: { ...view.ttl, leftMs: leftMs(view.ttl, node.deadline, context) } };
}

/** What a node was whose TTL is over: for the leader decides that, though a member's own clock may say otherwise. */
export function viewExpired(node: Node, path: string): NodeView {
  const view = viewOf(node, path);
  return view.ttl === undefined ? view : { ...view, ttl: { ...view.ttl, leftMs: 0 } };
}

/** To a member that replays its log, no time has passed; the cluster's clock knows better. */
function leftMs(
  { ttlMs, expiresAt }: TtlView,
  deadline: Deadline | undefined,
  { now, clusterTimeMs }: ApplyContext,
): number {
  const startedAt = deadline?.startedAt;
  if (startedAt === undefined) return expiresAt - now;
  return Math.min(expiresAt - now, ttlMs - passedMs(startedAt, clusterTimeMs));
}

/** A waiting queue entry shows none: its TTL does not run. */
export function ttlOf({ deadline }: Node): TtlView | undefined {
  if (deadline === undefined || deadline.leaseRevision === 0) return undefined;
  return { ttlMs: deadline.ttlMs, expiresAt: deadline.expiresAt };
}

export interface ListingOptions {
  readonly recursive: boolean;
  readonly sorted: boolean;
  readonly hidden: boolean;
}

/** With its children, and with `recursive` theirs. Hidden ones are left out unless asked for, empty lists always. */
export function listingOf(node: Node, path: string, options: ListingOptions): NodeView {
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

/** What a node weighs beside its name and value, in the same units. */
const nodeUnits = 256;

/** Whether showing the directory costs more than `unitsMax`; looks no further than that. */
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

const surrogateMin = 0xd800;
const surrogateMax = 0xdfff;

/** The order of the UTF-8 bytes, which is Go's, and that of the code points. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all that a single unit can be. */
function rank(unit: number): number {
  return unit >= surrogateMin && unit <= surrogateMax ? unit + 0x10000 : unit;
}
