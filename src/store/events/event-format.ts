import type { NodeEvent, NodeView } from '../../command/event.js';
import { field } from '../../encoding/field.js';
import { flag, oneOf, optional, required, text, uint } from '../../encoding/kinds.js';
import { type RecordOf, recordFormat } from '../../encoding/record-format.js';
import { RecordKind } from '../part/snapshot-record.js';

/** Events show one node, never what is below it. */
const viewFormat = recordFormat('a view of a node', {
  key: field(1, text),
  value: field(2, optional(text)),
  dir: field(3, flag),
  ttlMs: field(4, optional(uint)),
  modifiedIndex: field(5, uint),
  createdIndex: field(6, uint),
});

type EventRecord = RecordOf<typeof eventFormat>;
export const eventFormat = recordFormat('an event', {
  action: field(
    1,
    oneOf([
      'get',
      'create',
      'set',
      'update',
      'delete',
      'compareAndSwap',
      'compareAndDelete',
      'expire',
    ]),
  ),
  refresh: field(2, flag),
  node: field(3, required(viewFormat)),
  prevNode: field(4, optional(viewFormat)),
});

export const eventKind = new RecordKind(5, eventFormat);

export function eventRecord({ action, refresh, node, prevNode }: NodeEvent): EventRecord {
  return {
    action,
    refresh: refresh === true,
    node: viewRecord(node),
    prevNode: prevNode && viewRecord(prevNode),
  };
}

/** @param now on this member's clock: TTLs count from then. */
export function eventOf(record: EventRecord, now: number): NodeEvent {
  const { action, refresh, node, prevNode } = record;
  return {
    action,
    node: viewOf(node, now),
    ...(prevNode !== undefined && { prevNode: viewOf(prevNode, now) }),
    ...(refresh && { refresh }),
  };
}

function viewRecord(view: NodeView): RecordOf<typeof viewFormat> {
  const { key, value, ttl, modifiedIndex, createdIndex } = view;
  return { key, value, dir: view.dir === true, ttlMs: ttl?.ttlMs, modifiedIndex, createdIndex };
}

/** What is absent in an answer's JSON is absent in the view, too. */
function viewOf(record: RecordOf<typeof viewFormat>, now: number): NodeView {
  const { key, value, dir, ttlMs, modifiedIndex, createdIndex } = record;
  const ttl = ttlMs === undefined ? undefined : { ttlMs, expiresAt: now + ttlMs };
  return {
    key,
    ...(value !== undefined && { value }),
    ...(dir && { dir }),
    ...(ttl !== undefined && { ttl }),
    modifiedIndex,
    createdIndex,
  };
}
