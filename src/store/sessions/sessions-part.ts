import type { CommandResult } from '../../command/command-result.js';
import type { MemberCommand } from '../../command/members.js';
import type { EventFeed } from '../events/event-feed.js';
import { done } from '../part/outcome.js';
import type { CommandPart, HashedPart, RecordedPart } from '../part/part.js';
import type { SnapshotRecord } from '../part/snapshot-record.js';
import type { StateHash } from '../part/state-hash.js';
import type { Asker } from './session.js';
import { addSessions } from './session-hash.js';
import { resultRecords, sessionRecords } from './session-records.js';
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
}
