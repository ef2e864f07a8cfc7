import type { NodeEvent, NodeView, TtlView } from '../../command/event.js';
import { quote } from '../quote.js';
import type { WallClock } from '../wall-clock.js';

/** One line of JSON, with the fields and their order as etcd writes them. */
export function eventJson(event: NodeEvent, wallClock: WallClock): string {
  const node = nodeJson(event.node, wallClock);
  if (event.prevNode === undefined) return `{"action":"${event.action}","node":${node}}\n`;
  const prevNode = nodeJson(event.prevNode, wallClock);
  return `{"action":"${event.action}","node":${node},"prevNode":${prevNode}}\n`;
}

/** A set that replaced nothing is a creation too. */
export function isCreation({ action, prevNode }: NodeEvent): boolean {
  return action === 'create' || (action === 'set' && prevNode === undefined);
}

/** Only writes that set a value can leave it out of their answer. */
export function actionJson({ action }: NodeEvent): string {
  return `{"action":"${action}"}\n`;
}

/** The root shows neither its name nor its indexes, which are zero. */
function nodeJson(node: NodeView, wallClock: WallClock): string {
  let fields = '';
  if (node.key !== '/' && node.key !== '') fields += `,"key":${quote(node.key)}`;
  if (node.value !== undefined) fields += `,"value":${quote(node.value)}`;
  if (node.dir === true) fields += ',"dir":true';
  if (node.ttl !== undefined) fields += ttlFields(node.ttl, wallClock);
  if (node.nodes !== undefined && node.nodes.length > 0) {
    fields += `,"nodes":[${node.nodes.map((child) => nodeJson(child, wallClock)).join(',')}]`;
  }
  if (node.modifiedIndex > 0) fields += `,"modifiedIndex":${node.modifiedIndex}`;
  if (node.createdIndex > 0) fields += `,"createdIndex":${node.createdIndex}`;
  return `{${fields.slice(1)}}`;
}

/** Whole seconds, rounded up; what is over shows no `ttl` any more. */
function ttlFields({ expiresAt }: TtlView, wallClock: WallClock): string {
  const seconds = Math.ceil((expiresAt - wallClock.now()) / 1000);
  const ttl = seconds > 0 ? `,"ttl":${seconds}` : '';
  return `,"expiration":"${wallClock.toText(expiresAt)}"${ttl}`;
}
