import type { NodeEvent, NodeView, TtlView } from '../../command/event.js';
import type { HolderChange } from '../../command/holder-change.js';
import { lockSpace, memberId } from '../../command/kinds.js';
import type { Result } from '../../command/result.js';
import { field } from '../../encoding/field.js';
import { flag, oneOf, optional, required, text, uint } from '../../encoding/kinds.js';
import { type RecordOf, recordFormat, taggedFormat } from '../../encoding/record-format.js';
import { UnionFormat } from '../../encoding/union-format.js';

/** A TTL that was read: when it ends is known once it is known when the snapshot takes effect. */
export interface RelativeTtl extends TtlView {
  expiresAt: number;
}

/** What the reading of views leaves to be done. */
export interface ViewReading {
  readonly ttls: RelativeTtl[];
}

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

export function eventRecord({ action, refresh, node, prevNode }: NodeEvent): EventRecord {
  return {
    action,
    refresh: refresh === true,
    node: viewRecord(node),
    prevNode: prevNode && viewRecord(prevNode),
  };
}

export function eventOf(record: EventRecord, reading: ViewReading): NodeEvent {
  const { action, refresh, node, prevNode } = record;
  return {
    action,
    node: viewOf(node, reading),
    ...(prevNode !== undefined && { prevNode: viewOf(prevNode, reading) }),
    ...(refresh && { refresh }),
  };
}

function viewRecord(view: NodeView): RecordOf<typeof viewFormat> {
  const { key, value, ttl, modifiedIndex, createdIndex } = view;
  return { key, value, dir: view.dir === true, ttlMs: ttl?.ttlMs, modifiedIndex, createdIndex };
}

/** What is absent in an answer's JSON is absent in the view, too. */
function viewOf(record: RecordOf<typeof viewFormat>, { ttls }: ViewReading): NodeView {
  const { key, value, dir, ttlMs, modifiedIndex, createdIndex } = record;
  const ttl = ttlMs === undefined ? undefined : { ttlMs, expiresAt: ttlMs };
  if (ttl !== undefined) ttls.push(ttl);
  return {
    key,
    ...(value !== undefined && { value }),
    ...(dir && { dir }),
    ...(ttl !== undefined && { ttl }),
    modifiedIndex,
    createdIndex,
  };
}

type ResultRecord =
  | Exclude<Result, { readonly type: 'event' }>
  | RecordOf<typeof eventResultFormat>;

const eventResultFormat = taggedFormat('event', {
  event: field(1, required(eventFormat)),
  etcdIndex: field(2, uint),
});
const queueEntryResultFormat = taggedFormat('queueEntry', {
  entry: field(
    1,
    required(recordFormat('a queue entry', { index: field(1, uint), holds: field(2, flag) })),
  ),
  etcdIndex: field(2, uint),
});
const doneResultFormat = taggedFormat('done', { etcdIndex: field(1, uint) });
const errorResultFormat = taggedFormat('error', {
  error: field(
    1,
    required(
      recordFormat('an error', {
        errorCode: field(1, uint),
        cause: field(2, text),
        index: field(3, uint),
      }),
    ),
  ),
});

const resultFormat = new UnionFormat<ResultRecord>('a result', {
  event: [0, eventResultFormat],
  queueEntry: [1, queueEntryResultFormat],
  done: [2, doneResultFormat],
  error: [3, errorResultFormat],
});

/** A result that a session remembers. */
export const rememberedFormat = recordFormat('a remembered result', {
  memberId: field(1, memberId),
  sequence: field(2, uint),
  result: field(3, required(resultFormat)),
});

export function resultRecord(result: Result): ResultRecord {
  return result.type === 'event' ? { ...result, event: eventRecord(result.event) } : result;
}

export function resultOf(record: ResultRecord, reading: ViewReading): Result {
  return record.type === 'event' ? { ...record, event: eventOf(record.event, reading) } : record;
}

export const holderChangeFormat = recordFormat('a change of holders', {
  space: field(1, lockSpace),
  name: field(2, text),
  at: field(3, uint),
  clusterTimeMs: field(4, uint),
  action: field(5, oneOf<HolderChange['action']>(['granted', 'released', 'expired'])),
  index: field(6, uint),
  value: field(7, text),
});
