import type { CommandResult } from '../../command/command-result.js';
import type { LockCommand } from '../../command/locks.js';
import type { EventFeed } from '../events/event-feed.js';
import type { Tree } from '../keys/tree.js';
import type { ApplyContext } from '../part/apply-context.js';
import type { CommandPart, HashedPart, RecordedPart } from '../part/part.js';
import type { SnapshotRecord } from '../part/snapshot-record.js';
import type { StateHash } from '../part/state-hash.js';
import type { Asker } from '../sessions/session.js';
import { LockCommands } from './lock-commands.js';
import { addQueues } from './lock-hash.js';
import type { LockListeners } from './lock-listeners.js';
import { lockRecords } from './lock-records.js';
import type { Queues } from './queues.js';

/** Locks and elections. Their queues are written with the nodes at which they are. */
export class LocksPart implements CommandPart<LockCommand>, HashedPart, RecordedPart {
  readonly queues: Queues;
  readonly commands: LockCommands;

  constructor(tree: Tree, feed: EventFeed, queues: Queues, listeners: LockListeners) {
    this.queues = queues;
    this.commands = new LockCommands(tree, feed, queues, listeners);
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

  addTo(hash: StateHash): void {
    addQueues(hash, this.queues);
  }

  records(): Iterable<SnapshotRecord> {
    return lockRecords(this.queues);
  }
}
