import type { NodeEvent, NodeView } from '../command/event.js';
import type { Result } from '../command/result.js';
import type { Node } from './keys/node.js';
import type { Tree } from './keys/tree.js';
import type { Queue, QueueEntry } from './locks/queue.js';
import type { Queues } from './locks/queues.js';
import { compareText } from './part/text-order.js';
import type { Session } from './sessions/session.js';
import type { SessionTable } from './sessions/session-table.js';

export interface Hashed {
  readonly appliedIndex: number;
  readonly etcdIndex: number;
  readonly clusterTimeMs: number;
  readonly tree: Tree;
  readonly queues: Queues;
  readonly sessions: SessionTable;
  readonly events: readonly NodeEvent[];
}

/** Two 32-bit hashes after FNV-1a. 64 bits are enough to tell states in tests apart. */
class Fnv {
  #low = 0x811c9dc5;
  #high = 0x1b873593;

  add(...parts: readonly (string | number | boolean | undefined)[]): void {
    for (const part of parts) this.#text(`${typeof part} ${part}\0`);
  }

  #text(text: string): void {
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i);
      this.#low = Math.imul(this.#low ^ unit, 0x01000193);
      this.#high = Math.imul(this.#high ^ unit ^ (this.#low >>> 15), 0x01000193);
    }
  }

  toString(): string {
    return [this.#high, this.#low].map((half) => hex(half >>> 0)).join('');
  }
}

function hex(half: number): string {
  return half.toString(16).padStart(8, '0');
}

/** Covers the replicated state, in an order that is the same after a snapshot. */
export function stateHash(state: Hashed): string {
  const hash = new Fnv();
  hash.add(state.appliedIndex, state.etcdIndex, state.clusterTimeMs);
  addNode(hash, state.tree.root);
  addQueues(hash, state.queues);
  const sessions = [...state.sessions.all].sort((a, b) => compareText(a.memberId, b.memberId));
  for (const session of sessions) addSession(hash, session);
  for (const event of state.events) addEvent(hash, event);
  return hash.toString();
}

function addNode(hash: Fnv, node: Node): void {
  const { name, value, createdIndex, modifiedIndex, deadline, role } = node;
  hash.add(name, value, createdIndex, modifiedIndex, node.children?.size, role?.type);
  if (deadline !== undefined) hash.add(deadline.ttlMs, deadline.leaseRevision, deadline.startedAt);
  if (node.children === undefined) return;
  const children = [...node.children.values()].sort((a, b) => compareText(a.name, b.name));
  for (const child of children) addNode(hash, child);
}

function addQueues(hash: Fnv, queues: Queues): void {
  for (const space of ['lock', 'leader'] as const) {
    for (const name of queues.namesFrom(space, '')) {
      const queue = queues.get(space, name);
      if (queue !== undefined) addQueue(hash, queue);
    }
    hash.add(queues.lastReleased[space].bound);
    for (const [name, index] of queues.lastReleased[space].entries) hash.add(name, index);
  }
  hash.add(queues.history.forgottenUpTo);
  for (const { space, name, at, clusterTimeMs, action, index, value } of queues.history.all) {
    hash.add(space, name, at, clusterTimeMs, action, index, value);
  }
}

function addQueue(hash: Fnv, queue: Queue): void {
  const { space, name, limit, holders, holderChangedIndex, byValue } = queue;
  hash.add(space, name, limit, holders, holderChangedIndex, byValue?.size ?? 0);
  for (let entry = queue.first; entry !== undefined; entry = entry.behind) addEntry(hash, entry);
}

function addEntry(hash: Fnv, entry: QueueEntry): void {
  hash.add(entry.index, entry.mode, entry.enteredAt, entry.grantedAt);
  for (const { boot, plain, connected } of entry.attachments) {
    hash.add(boot.session.memberId, boot.number, plain?.size ?? 0, connected?.size ?? 0);
    for (const sequence of plain ?? []) hash.add(sequence);
    for (const sequence of connected ?? []) hash.add(sequence);
  }
}

function addSession(hash: Fnv, session: Session): void {
  const { memberId, boot, lastCommandIndex, settledBelow, registration, results } = session;
  hash.add(memberId, boot.number, lastCommandIndex, settledBelow, boot.requests?.size ?? 0);
  hash.add(JSON.stringify(registration));
  for (const [sequence, result] of results) {
    hash.add(sequence, result.type);
    addResult(hash, result);
  }
}

function addResult(hash: Fnv, result: Result): void {
  switch (result.type) {
    case 'event':
      addEvent(hash, result.event);
      hash.add(result.etcdIndex);
      return;
    case 'queueEntry':
      hash.add(result.entry.index, result.entry.holds, result.etcdIndex);
      return;
    case 'done':
      hash.add(result.etcdIndex);
      return;
    default:
      hash.add(result.error.errorCode, result.error.cause, result.error.index);
  }
}

function addEvent(hash: Fnv, { action, node, prevNode, refresh }: NodeEvent): void {
  hash.add(action, refresh, prevNode !== undefined);
  addView(hash, node);
  if (prevNode !== undefined) addView(hash, prevNode);
}

/** Without the end of the TTL, which is not replicated. */
function addView(hash: Fnv, { key, value, dir, ttl, modifiedIndex, createdIndex }: NodeView): void {
  hash.add(key, value, dir, ttl?.ttlMs, modifiedIndex, createdIndex);
}
