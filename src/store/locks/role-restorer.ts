import { MalformedError } from '../../encoding/format-error.js';
import type { MemberId } from '../../ids.js';
import type { Node } from '../keys/node.js';
import type { Boot } from '../sessions/session.js';
import type { SessionTable } from '../sessions/session-table.js';
import { attachmentOf } from './attachments.js';
import type {
  AttachmentRecord,
  QueueEntryRecord,
  QueueRecord,
  RoleRecord,
} from './lock-records.js';
import { Queue, QueueEntry } from './queue.js';
import type { Queues } from './queues.js';

/** Restores queues and their entries at the nodes of a snapshot. */
export class RoleRestorer {
  readonly #queues: Queues;
  readonly #sessions: SessionTable;

  constructor(queues: Queues, sessions: SessionTable) {
    this.#queues = queues;
    this.#sessions = sessions;
  }

  restore(node: Node, { queue, queueEntry }: RoleRecord): void {
    if (queue !== undefined) this.#addQueue(node, queue);
    if (queueEntry !== undefined) this.#addEntry(node, queueEntry);
  }

  #addQueue(node: Node, { space, name, limit, holderChangedIndex }: QueueRecord): void {
    if (node.children === undefined) throw new MalformedError('a queue that is no directory');
    this.#queues.add(new Queue(space, name, node, limit, holderChangedIndex));
  }

  #addEntry(node: Node, record: QueueEntryRecord): void {
    const { mode, enteredAt, grantedAt, attachments, client, keptAt, mayBeGivenUp } = record;
    const queue = node.parent?.role;
    if (!(queue instanceof Queue) || node.deadline === undefined) {
      throw new MalformedError('a queue entry that is in no queue');
    }
    const entry = new QueueEntry(queue, node, node.deadline, mode, enteredAt, grantedAt, client);
    this.#queues.addEntry(entry);
    if (keptAt !== undefined) this.#queues.keep(entry, keptAt, mayBeGivenUp);
    for (const attachment of attachments) this.#attach(entry, attachment);
  }

  #attach(entry: QueueEntry, { memberId, boot, plain, connected }: AttachmentRecord): void {
    const through = this.#boot(memberId, boot);
    if (plain.length + connected.length === 0 || attachmentOf(entry, through) !== undefined) {
      throw new MalformedError('nobody waits, or one member twice');
    }
    this.#queues.attachments.restore(entry, through, plain, connected);
  }

  #boot(memberId: MemberId, boot: number): Boot {
    const session = this.#sessions.get(memberId);
    if (session === undefined || boot > session.boot.number) {
      throw new MalformedError('somebody waits without a session');
    }
    const isPresent = boot === session.boot.number;
    return isPresent ? session.boot : this.#queues.attachments.ended.restore(session, boot);
  }
}
