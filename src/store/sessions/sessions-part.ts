import type { CommandResult } from '../../command/command-result.js';
import type { MemberCommand } from '../../command/members.js';
import { MalformedError } from '../../encoding/format-error.js';
import type { EventFeed } from '../events/event-feed.js';
import { done } from '../part/outcome.js';
import type { CommandPart, HashedPart, RecordedPart } from '../part/part.js';
import type { RecordReader, SnapshotRecord } from '../part/snapshot-record.js';
import type { StateHash } from '../part/state-hash.js';
import { resultOf } from './result-format.js';
import type { Asker } from './session.js';
import { addSessions } from './session-hash.js';
import {
  resultKind,
  resultRecords,
  type SessionRecord,
  sessionKind,
  sessionRecords,
} from './session-records.js';
import type { SessionTable } from './session-table.js';

/** The members: their registrations, their boots, and the results of their commands. */
export class SessionsPart implements CommandPart<MemberCommand>, HashedPart, RecordedPart {
  readonly table: SessionTable;
  readonly #feed: EventFeed;

  constructor(table: SessionTable, feed: EventFeed) {
    this.table = table;
    this.#feed = feed;
  }

  /** That the member is alive was noted when its command was admitted. */
  apply(command: MemberCommand, asker: Asker | undefined): CommandResult {
    if (command.type === 'register' && asker !== undefined) asker.session.registration = command;
    return done(this.#feed.etcdIndex);
  }

  addTo(hash: StateHash): void {
    addSessions(hash, this.table.all);
  }

  /** The records that those of the tree refer to. */
  sessionRecords(): readonly SnapshotRecord[] {
    return sessionRecords(this.table.all);
  }

  records(): Iterable<SnapshotRecord> {
    return resultRecords(this.table.all);
  }

  /** The sessions are heard of now. */
  readers(now: number): readonly RecordReader[] {
    return [
      sessionKind.reader((record) => this.#restoreSession(record, now)),
      resultKind.reader(({ memberId, sequence, result }) => {
        const session = this.table.get(memberId);
        if (session === undefined) throw new MalformedError('a result without a session');
        session.results.add(sequence, resultOf(result, now));
      }),
    ];
  }

  #restoreSession(record: SessionRecord, now: number): void {
    const session = this.table.open(record.memberId, record.boot);
    session.lastCommandIndex = record.lastCommandIndex;
    session.settledBelow = record.settledBelow;
    session.registration = record.registration;
    session.heardAt = now;
  }
}
