import { MalformedError } from '../../encoding/format-error.js';
import type { PartBuilder } from '../part/part.js';
import type { RecordReader } from '../part/snapshot-record.js';
import { resultOf } from './result-format.js';
import { resultKind, sessionKind } from './session-records.js';
import { SessionTable } from './session-table.js';

/** Builds the sessions of a snapshot. They are heard of now. */
export class SessionsBuilder implements PartBuilder {
  readonly table: SessionTable;
  readonly readers: readonly RecordReader[];

  constructor(resultUnitsMax: number, now: number) {
    const table = new SessionTable(resultUnitsMax);
    this.table = table;
    this.readers = [
      sessionKind.reader(({ memberId, boot, lastCommandIndex, settledBelow, registration }) => {
        const session = table.open(memberId, boot);
        session.lastCommandIndex = lastCommandIndex;
        session.settledBelow = settledBelow;
        session.registration = registration;
        session.heardAt = now;
      }),
      resultKind.reader(({ memberId, sequence, result }) => {
        const session = table.get(memberId);
        if (session === undefined) throw new MalformedError('a result without a session');
        session.results.add(sequence, resultOf(result, now));
      }),
    ];
  }
}
