import { registerFormat } from '../../command/command.js';
import { holdMode, lockSpace, memberId } from '../../command/kinds.js';
import { field } from '../../encoding/field.js';
import { flag, list, optional, text, uint } from '../../encoding/kinds.js';
import { type RecordOf, recordFormat } from '../../encoding/record-format.js';
import type { Node } from '../keys/node.js';
import { Queue, QueueEntry } from '../locks/queue.js';

/** The first byte of a snapshot. */
export const snapshotVersion = 1;

/** A longer record is refused as soon as its length is read. */
export const recordBytesMax = 64 * 1024 * 1024;

/**
 * The types of records. Head and sessions come first, then nodes, then all others, then the end.
 */
export const recordType = {
  head: 1,
  session: 2,
  node: 3,
  result: 4,
  event: 5,
  lastReleased: 6,
  lastReleasedBound: 7,
  end: 8,
  holderChange: 9,
  holderChangesBound: 10,
} as const;

export type Head = RecordOf<typeof headFormat>;
export const headFormat = recordFormat('the head of a snapshot', {
  appliedIndex: field(1, uint),
  appliedTerm: field(2, uint),
  etcdIndex: field(3, uint),
  clusterTimeMs: field(4, uint),
});

export type SessionRecord = RecordOf<typeof sessionFormat>;
export const sessionFormat = recordFormat('a session', {
  memberId: field(1, memberId),
  boot: field(2, uint),
  lastCommandIndex: field(3, uint),
  settledBelow: field(4, uint),
  registration: field(5, optional(registerFormat)),
});

export type TtlRecord = RecordOf<typeof ttlFormat>;
const ttlFormat = recordFormat('a TTL', {
  ttlMs: field(1, uint),
  leaseRevision: field(2, uint),
  startedAt: field(3, optional(uint)),
});

export type QueueRecord = RecordOf<typeof queueFormat>;
const queueFormat = recordFormat('a queue', {
  space: field(1, lockSpace),
  name: field(2, text),
  limit: field(3, uint),
  holderChangedIndex: field(4, uint),
});

const sequences = list(uint, Object.freeze([]));

/** The acquires of one member's boot that keep a queue entry, by `Origin.sequence`. */
export type AttachmentRecord = RecordOf<typeof attachmentFormat>;
const attachmentFormat = recordFormat('an attachment', {
  memberId: field(1, memberId),
  boot: field(2, uint),
  plain: field(3, sequences),
  /** The acquires that hold for as long as their connection lives. */
  connected: field(4, sequences),
});

export type QueueEntryRecord = RecordOf<typeof queueEntryFormat>;
const queueEntryFormat = recordFormat('a queue entry', {
  mode: field(1, holdMode),
  enteredAt: field(2, uint),
  grantedAt: field(3, optional(uint)),
  attachments: field(4, list(attachmentFormat, Object.freeze([]))),
});

export type NodeRecord = RecordOf<typeof nodeFormat>;
export const nodeFormat = recordFormat('a node', {
  /** The number of its directory, in the order in which directories are written. */
  directory: field(1, uint),
  name: field(2, text),
  isDirectory: field(3, flag),
  value: field(4, text),
  createdIndex: field(5, uint),
  modifiedIndex: field(6, uint),
  ttl: field(7, optional(ttlFormat)),
  queue: field(8, optional(queueFormat)),
  queueEntry: field(9, optional(queueEntryFormat)),
});

export function nodeRecord(node: Node, directory: number): NodeRecord {
  const { name, value, createdIndex, modifiedIndex, deadline, role } = node;
  return {
    directory,
    name,
    isDirectory: node.children !== undefined,
    value,
    createdIndex,
    modifiedIndex,
    ttl: deadline,
    queue: role instanceof Queue ? role : undefined,
    queueEntry: role instanceof QueueEntry ? queueEntryRecord(role) : undefined,
  };
}

function queueEntryRecord(entry: QueueEntry): QueueEntryRecord {
  const { mode, enteredAt, grantedAt } = entry;
  const attachments = entry.attachments.map(({ boot, plain, connected }) => ({
    memberId: boot.session.memberId,
    boot: boot.number,
    plain: [...(plain ?? [])],
    connected: [...(connected ?? [])],
  }));
  return { mode, enteredAt, grantedAt, attachments };
}

export const lastReleasedFormat = recordFormat('a last released index', {
  space: field(1, lockSpace),
  name: field(2, text),
  index: field(3, uint),
});

export const lastReleasedBoundFormat = recordFormat('the bound of last released indexes', {
  space: field(1, lockSpace),
  bound: field(2, uint),
});

export const holderChangesBoundFormat = recordFormat('the bound of holder changes', {
  forgottenUpTo: field(1, uint),
});

export const endFormat = recordFormat('the end of a snapshot', { nodes: field(1, uint) });
