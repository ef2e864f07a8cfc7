import type { NodeEvent, NodeView, TtlView } from '../../command/event.js';
import type { WallClock } from '../../service/wall-clock.js';
import { quote } from '../quote.js';

/** One line of JSON, with etcd's fields in etcd's order. */
export function eventJson(event: NodeEvent, wallClock: WallClock): string {
  const at = timeOf(event, wallClock);
  const node = nodeJson(event.node, at, wallClock);
  if (event.prevNode === undefined) return `{"action":"${event.action}","node":${node}}\n`;
  const prevNode = nodeJson(event.prevNode, at, wallClock);
  return `{"action":"${event.action}","node":${node},"prevNode":${prevNode}}\n`;
}

/** A set without a previous node is a creation, too. */
export function isCreation({ action, prevNode }: NodeEvent): boolean {
  return action === 'create' || (action === 'set' && prevNode === undefined);
}

/** The answer to a write with `noValueOnSuccess`. */
export function actionJson({ action }: NodeEvent): string {
  return `{"action":"${action}"}\n`;
}

/**
 * An old event shows the `ttl` that was left when it happened; its expiry and TTL tell when that
 * was.
 */
function timeOf({ action, node: { ttl } }: NodeEvent, wallClock: WallClock): number {
  return action === 'get' || ttl === undefined ? wallClock.now() : ttl.expiresAt - ttl.ttlMs;
}

function nodeJson(node: NodeView, at: number, wallClock: WallClock): string {
  let nodes = '';
  if (node.nodes !== undefined && node.nodes.length > 0) {
    nodes = `,"nodes":[${node.nodes.map((child) => nodeJson(child, at, wallClock)).join(',')}]`;
  }
  return nodeHead(node, at, wallClock) + nodes + nodeTail(node);
}

/** The JSON before the children. The root shows neither its key nor its indexes, which are zero. */
export function nodeHead(node: NodeView, at: number, wallClock: WallClock): string {
  let fields = '';
  if (node.key !== '/' && node.key !== '') fields += `,"key":${quote(node.key)}`;
  if (node.value !== undefined) fields += `,"value":${quote(node.value)}`;
  if (node.dir === true) fields += ',"dir":true';
  if (node.ttl !== undefined) fields += ttlFields(node.ttl, at, wallClock);
  return `{${fields.slice(1)}`;
}

export function nodeTail(node: NodeView): string {
  let fields = '';
  if (node.modifiedIndex > 0) fields += `,"modifiedIndex":${node.modifiedIndex}`;
  if (node.createdIndex > 0) fields += `,"createdIndex":${node.createdIndex}`;
  return `${fields}}`;
}

/** Whole seconds, rounded up. An expired node shows no `ttl`. */
function ttlFields({ expiresAt, leftMs }: TtlView, at: number, wallClock: WallClock): string {
  const seconds = Math.ceil((leftMs ?? expiresAt - at) / 1000);
  const ttl = seconds > 0 ? `,"ttl":${seconds}` : '';
  return `,"expiration":"${wallClock.toText(expiresAt)}"${ttl}`;
}
