import { MalformedError } from '../../encoding/format-error.js';
import type { Node } from '../keys/node.js';
import type { Tree } from '../keys/tree.js';
import type { PartBuilder } from '../part/part.js';
import type { RecordReader } from '../part/snapshot-record.js';
import type { Boot } from '../sessions/session.js';
import type { SessionTable } from '../sessions/session-table.js';
import { attachmentOf } from './attachments.js';
import { HolderHistory } from './holder-history.js';
import { LastReleased } from './last-released.js';
import {
  type AttachmentRecord,
  holderChangeKind,
  holderChangesBoundKind,
  lastReleasedBoundKind,
  lastReleasedKind,
  type QueueEntryRecord,
  type QueueRecord,
  type RoleRecord,
} from './lock-records.js';
import { Queue, QueueEntry } from './queue.js';
import { Queues } from './queues.js';

/** Builds the queues of a snapshot, at the nodes that another builder makes. */
export class LocksBuilder implements PartBuilder {
  readonly readers: readonly RecordReader[];
  readonly queues: Queues;
  readonly #sessions: SessionTable;

  constructor(tree: Tree, sessions: SessionTable) {
    const lastReleased = { lock: new LastReleased(0), leader: new LastReleased(0) };
    const history = new HolderHistory();
    this.queues = new Queues(tree, lastReleased, history);
    this.#sessions = sessions;
    this.readers = [
      lastReleasedKind.reader(({ space, name, index }) => lastReleased[space].note(name, index)),
      lastReleasedBoundKind.reader(({ space, bound }) => lastReleased[space].raise(bound)),
      holderChangeKind.reader((change) => history.note(change)),
      holderChangesBoundKind.reader(({ forgottenUpTo }) => history.forget(forgottenUpTo)),
    ];
  }

  addRole(node: Node, { queue, queueEntry }: RoleRecord): void {
    if (queue !== undefined) this.#addQueue(node, queue);
    if (queueEntry !== undefined) this.#addEntry(node, queueEntry);
  }

  #addQueue(node: Node, { space, name, limit, holderChangedIndex }: QueueRecord): void {
    if (node.children === undefined) throw new MalformedError('a queue that is no directory');
    this.queues.add(new Queue(space, name, node, limit, holderChangedIndex));
  }

  #addEntry(node: Node, { mode, enteredAt, grantedAt, attachments }: QueueEntryRecord): void {
    const queue = node.parent?.role;
    if (!(queue instanceof Queue) || node.deadline === undefined) {
      throw new MalformedError('a queue entry that is in no queue');
    }
    const entry = new QueueEntry(queue, node, node.deadline, mode, enteredAt, grantedAt);
    this.queues.addEntry(entry);
    for (const attachment of attachments) this.#attach(entry, attachment);
  }

  #attach(entry: QueueEntry, { memberId, boot, plain, connected }: AttachmentRecord): void {
    const through = this.#boot(memberId, boot);
    if (plain.length + connected.length === 0 || attachmentOf(entry, through) !== undefined) {
      throw new MalformedError('nobody waits, or one member twice');
    }
    this.queues.attachments.restore(entry, through, plain, connected);
  }

  #boot(memberId: AttachmentRecord['memberId'], boot: number): Boot {
    const session = this.#sessions.get(memberId);
    if (session === undefined || boot > session.boot.number) {
      throw new MalformedError('somebody waits without a session');
    }
    const isPresent = boot === session.boot.number;
    return isPresent ? session.boot : this.queues.attachments.ended.restore(session, boot);
  }
}
