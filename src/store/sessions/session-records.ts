import type { CommandResult } from '../../command/command-result.js';
import { memberId } from '../../command/kinds.js';
import { registerFormat } from '../../command/members.js';
import { field } from '../../encoding/field.js';
import { optional, uint } from '../../encoding/kinds.js';
import { type RecordOf, recordFormat } from '../../encoding/record-format.js';
import type { MemberId } from '../../ids.js';
import { RecordKind, type SnapshotRecord } from '../part/snapshot-record.js';
import { rememberedFormat, resultRecord } from './result-format.js';
import type { Session } from './session.js';

export type SessionRecord = RecordOf<typeof sessionFormat>;
const sessionFormat = recordFormat('a session', {
  memberId: field(1, memberId),
  boot: field(2, uint),
  lastCommandIndex: field(3, uint),
  settledBelow: field(4, uint),
  registration: field(5, optional(registerFormat)),
});

export const sessionKind = new RecordKind(2, sessionFormat);
export const resultKind = new RecordKind(4, rememberedFormat);

/** There are only a few sessions. */
export function sessionRecords(sessions: Iterable<Session>): readonly SnapshotRecord[] {
  return Array.from(sessions, (session) => {
    const { memberId, boot, lastCommandIndex, settledBelow, registration } = session;
    const record = { memberId, boot: boot.number, lastCommandIndex, settledBelow, registration };
    return sessionKind.of(record);
  });
}

interface Remembered {
  readonly memberId: MemberId;
  readonly sequence: number;
  readonly result: CommandResult;
}

/** The results do not change, so only their list is copied now. */
export function resultRecords(sessions: Iterable<Session>): Iterable<SnapshotRecord> {
  const remembered: Remembered[] = [];
  for (const session of sessions) {
    for (const [sequence, result] of session.results) {
      remembered.push({ memberId: session.memberId, sequence, result });
    }
  }
  return recordsOf(remembered);
}

function* recordsOf(remembered: readonly Remembered[]): Iterable<SnapshotRecord> {
  for (const { memberId, sequence, result } of remembered) {
    yield resultKind.of({ memberId, sequence, result: resultRecord(result) });
  }
}
