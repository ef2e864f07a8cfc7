import type { NodeEvent } from '../../command/event.js';
import type { HolderChange } from '../../command/holder-change.js';
import type { LockSpace } from '../../command/lock-path.js';
import type { Result } from '../../command/result.js';
import type { RecordFormat } from '../../encoding/record-format.js';
import type { WireSink } from '../../encoding/wire.js';
import type { MemberId } from '../../ids.js';
import type { Queues } from '../locks/queues.js';
import type { SessionTable } from '../sessions/session-table.js';
import {
  eventFormat,
  eventRecord,
  holderChangeFormat,
  rememberedFormat,
  resultRecord,
} from './result-format.js';
import {
  holderChangesBoundFormat,
  lastReleasedBoundFormat,
  lastReleasedFormat,
  recordType,
  type SessionRecord,
} from './snapshot-format.js';

/** A record of something that is not in the tree. */
export interface OtherRecord {
  readonly type: number;
  readonly write: (writer: WireSink) => void;
}

interface Remembered {
  readonly memberId: MemberId;
  readonly sequence: number;
  readonly result: Result;
}

/** The sessions. There are only a few. */
export function sessionRecords(sessions: SessionTable): readonly SessionRecord[] {
  return [...sessions.all].map(
    ({ memberId, boot, lastCommandIndex, settledBelow, registration }) => ({
      memberId,
      boot: boot.number,
      lastCommandIndex,
      settledBelow,
      registration,
    }),
  );
}

/**
 * Results, events, holder changes and last released indexes. Each list is bounded and its items
 * never change, so the lists are copied now and written later.
 */
export function otherRecords(
  sessions: SessionTable,
  events: readonly NodeEvent[],
  queues: Queues,
): Iterable<OtherRecord> {
  const remembered: Remembered[] = [];
  for (const { memberId, results } of sessions.all) {
    for (const [sequence, result] of results) remembered.push({ memberId, sequence, result });
  }
  const lastReleased = (['lock', 'leader'] as const).map((space) => ({
    space,
    bound: queues.lastReleased[space].bound,
    entries: queues.lastReleased[space].entries,
  }));
  const { all, forgottenUpTo } = queues.history;
  return recordsOf(remembered, events, lastReleased, { changes: all, forgottenUpTo });
}

interface LastReleasedCopy {
  readonly space: LockSpace;
  readonly bound: number;
  readonly entries: readonly (readonly [name: string, index: number])[];
}

interface History {
  readonly changes: readonly HolderChange[];
  readonly forgottenUpTo: number;
}

function* recordsOf(
  remembered: readonly Remembered[],
  events: readonly NodeEvent[],
  lastReleased: readonly LastReleasedCopy[],
  history: History,
): Iterable<OtherRecord> {
  for (const { memberId, sequence, result } of remembered) {
    const record = { memberId, sequence, result: resultRecord(result) };
    yield recordOf(recordType.result, rememberedFormat, record);
  }
  for (const event of events) yield recordOf(recordType.event, eventFormat, eventRecord(event));
  for (const { space, bound, entries } of lastReleased) {
    yield recordOf(recordType.lastReleasedBound, lastReleasedBoundFormat, { space, bound });
    for (const [name, index] of entries) {
      yield recordOf(recordType.lastReleased, lastReleasedFormat, { space, name, index });
    }
  }
  const { forgottenUpTo } = history;
  yield recordOf(recordType.holderChangesBound, holderChangesBoundFormat, { forgottenUpTo });
  for (const change of history.changes) {
    yield recordOf(recordType.holderChange, holderChangeFormat, change);
  }
}

function recordOf<T extends object>(
  type: number,
  format: RecordFormat<T>,
  record: NoInfer<T>,
): OtherRecord {
  return { type, write: (sink) => format.write(sink, record) };
}
