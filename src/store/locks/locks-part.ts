import type { CommandResult } from '../../command/command-result.js';
import type { LockCommand } from '../../command/locks.js';
import type { EventFeed } from '../events/event-feed.js';
import type { Tree } from '../keys/tree.js';
import type { ApplyContext } from '../part/apply-context.js';
import type { CommandPart, HashedPart, RecordedPart } from '../part/part.js';
import type { RecordReader, SnapshotRecord } from '../part/snapshot-record.js';
import type { StateHash } from '../part/state-hash.js';
import type { Asker } from '../sessions/session.js';
import type { SessionTable } from '../sessions/session-table.js';
import { keepOnlyHolders } from './holders-only.js';
import { LockCommands } from './lock-commands.js';
import type { LockCounters } from './lock-counters.js';
import { addQueues } from './lock-hash.js';
import type { LockListeners } from './lock-listeners.js';
import { lockReaders, lockRecords } from './lock-records.js';
import type { Queues } from './queues.js';
import { RoleRestorer } from './role-restorer.js';

interface Subjects {
  readonly tree: Tree;
  readonly feed: EventFeed;
  readonly queues: Queues;
  readonly sessions: SessionTable;
  readonly listeners: LockListeners;
  readonly lockCounters: LockCounters;
}

/** Locks and elections. Their queues are written with the nodes at which they are. */
export class LocksPart implements CommandPart<LockCommand>, HashedPart, RecordedPart {
  readonly queues: Queues;
  readonly commands: LockCommands;

  readonly #tree: Tree;
  readonly #sessions: SessionTable;

  constructor({ tree, feed, queues, sessions, listeners, lockCounters }: Subjects) {
    this.queues = queues;
    this.#tree = tree;
    this.#sessions = sessions;
    this.commands = new LockCommands(tree, feed, queues, listeners, lockCounters);
  }

  apply(command: LockCommand, asker: Asker | undefined, context: ApplyContext): CommandResult {
    return this.commands.apply(command, asker, context);
  }

  /** Whether attachments of ended boots are left, so that the log needs entries to drop them. */
  get hasEndedBoots(): boolean {
    return this.queues.attachments.ended.next() !== undefined;
  }

  /** The clients of an ended boot are gone: its attachments are dropped, some with each entry. */
  dropEndedBoots(max: number, context: ApplyContext): void {
    const { ended } = this.queues.attachments;
    for (let checked = 0; checked < max; checked += 1) {
      const attachment = ended.next();
      if (attachment === undefined) return;
      this.commands.dropEndedBoots(attachment.entry, context);
    }
  }

  /**
   * The old cluster may have changed every holder since, so whoever waits for a change from an
   * older index is told at once.
   */
  beginNewCluster(index: number): void {
    keepOnlyHolders(this.#tree, this.queues);
    this.queues.beginHistory(index);
  }

  addTo(hash: StateHash): void {
    addQueues(hash, this.queues);
  }

  records(): Iterable<SnapshotRecord> {
    return lockRecords(this.queues);
  }

  readers(): readonly RecordReader[] {
    return lockReaders(this.queues);
  }

  /** For the records of nodes. */
  restorer(): RoleRestorer {
    return new RoleRestorer(this.queues, this.#sessions);
  }
}
