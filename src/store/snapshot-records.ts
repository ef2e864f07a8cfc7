import type { NodeEvent } from '../command/event.js';
import type { HolderChange } from '../command/holder-change.js';
import { memberId as memberIdKind } from '../command/kinds.js';
import type { LockSpace } from '../command/lock-path.js';
import type { Result } from '../command/result.js';
import { type WireSink, writeFlag, writeText, writeUint } from '../encoding/wire.js';
import type { MemberId } from '../ids.js';
import type { Queues } from './queues.js';
import { writeEvent, writeHolderChange, writeResult } from './result-format.js';
import type { Sessions } from './sessions.js';
import { recordType, type SessionRecord } from './snapshot-format.js';

/** A record of what is not in the tree. */
export interface OtherRecord {
  readonly type: number;
  readonly write: (writer: WireSink) => void;
}

interface Remembered {
  readonly memberId: MemberId;
  readonly sequence: number;
  readonly result: Result;
}

/** What members said of themselves. There are only a few. */
export function sessionRecords(sessions: Sessions): readonly SessionRecord[] {
  return [...sessions.all].map(({ memberId, boot, renewal, settledBelow, registration }) => ({
    memberId,
    boot,
    renewal,
    settledBelow,
    registration,
  }));
}

/**
 * Results, events, changes of holders and the memory of emptied queues: each is bounded, and made of parts that never
 * change, so the lists are copied now and written when their turn comes.
 */
export function otherRecords(
  sessions: Sessions,
  events: readonly NodeEvent[],
  queues: Queues,
): Iterable<OtherRecord> {
  const remembered: Remembered[] = [];
  for (const { memberId, results } of sessions.all) {
    for (const [sequence, result] of results) remembered.push({ memberId, sequence, result });
  }
  const emptied = (['lock', 'leader'] as const).map((space) => ({
    space,
    bound: queues.emptied[space].bound,
    entries: queues.emptied[space].entries,
  }));
  const { all, forgottenUpTo } = queues.history;
  return recordsOf(remembered, events, emptied, { changes: all, forgottenUpTo });
}

interface Emptied {
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
  emptied: readonly Emptied[],
  history: History,
): Iterable<OtherRecord> {
  for (const { memberId, sequence, result } of remembered) {
    yield {
      type: recordType.result,
      write: (writer) => {
        memberIdKind.write(writer, memberId);
        writeUint(writer, sequence);
        writeResult(writer, result);
      },
    };
  }
  for (const event of events) {
    yield { type: recordType.event, write: (writer) => writeEvent(writer, event) };
  }
  for (const { space, bound, entries } of emptied) {
    yield {
      type: recordType.emptiedBound,
      write: (writer) => {
        writeFlag(writer, space === 'leader');
        writeUint(writer, bound);
      },
    };
    for (const [name, index] of entries) {
      yield {
        type: recordType.emptied,
        write: (writer) => {
          writeFlag(writer, space === 'leader');
          writeText(writer, name);
          writeUint(writer, index);
        },
      };
    }
  }
  yield {
    type: recordType.holderChangesBound,
    write: (writer) => writeUint(writer, history.forgottenUpTo),
  };
  for (const change of history.changes) {
    yield { type: recordType.holderChange, write: (writer) => writeHolderChange(writer, change) };
  }
}
