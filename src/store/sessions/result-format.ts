import { authVersion } from '../../command/auth.js';
import type { CommandResult } from '../../command/command-result.js';
import { field, fieldSince } from '../../encoding/field.js';
import { memberId } from '../../encoding/id-kinds.js';
import { flag, optional, required, text, uint } from '../../encoding/kinds.js';
import { type RecordOf, recordFormat, taggedFormat } from '../../encoding/record-format.js';
import { UnionFormat } from '../../encoding/union-format.js';
import { eventFormat, eventOf, eventRecord } from '../events/event-format.js';

type ResultRecord =
  | Exclude<CommandResult, { readonly type: 'event' }>
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
const doneResultFormat = taggedFormat('done', {
  etcdIndex: field(1, uint),
  /** Only of commands about users and roles, so never in a cluster of a lower version. */
  created: fieldSince(authVersion, 2, optional(flag)),
});
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

export function resultRecord(result: CommandResult): ResultRecord {
  return result.type === 'event' ? { ...result, event: eventRecord(result.event) } : result;
}

/** @param now on this member's clock: TTLs count from then. */
export function resultOf(record: ResultRecord, now: number): CommandResult {
  return record.type === 'event' ? { ...record, event: eventOf(record.event, now) } : record;
}
