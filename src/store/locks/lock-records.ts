import { holdMode, lockSpace } from '../../command/kinds.js';
import type { LockSpace } from '../../command/lock-path.js';
import { field } from '../../encoding/field.js';
import { memberId } from '../../encoding/id-kinds.js';
import { flag, list, oneOf, optional, text, uint } from '../../encoding/kinds.js';
import { type RecordOf, recordFormat } from '../../encoding/record-format.js';
import type { HolderChange } from '../../view/holder-change.js';
import type { NodeRole } from '../keys/node.js';
import { RecordKind, type RecordReader, type SnapshotRecord } from '../part/snapshot-record.js';
import { Queue, QueueEntry } from './queue.js';
import type { Queues } from './queues.js';

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
  client: field(5, optional(text)),
  keptAt: field(6, optional(uint)),
  mayBeGivenUp: field(7, flag),
});

/** The fields of the locks in the record of a node. */
export const roleFields = {
  queue: field(8, optional(queueFormat)),
  queueEntry: field(9, optional(queueEntryFormat)),
};

export interface RoleRecord {
  readonly queue?: QueueRecord | undefined;
  readonly queueEntry?: QueueEntryRecord | undefined;
}

export function queueRecord(role: NodeRole | undefined): QueueRecord | undefined {
  return role instanceof Queue ? role : undefined;
}

export function queueEntryRecord(role: NodeRole | undefined): QueueEntryRecord | undefined {
  if (!(role instanceof QueueEntry)) return undefined;
  const { mode, enteredAt, grantedAt, client, keptAt, mayBeGivenUp } = role;
  const attachments = role.attachments.map(({ boot, plain, connected }) => ({
    memberId: boot.session.memberId,
    boot: boot.number,
    plain: [...(plain ?? [])],
    connected: [...(connected ?? [])],
  }));
  return { mode, enteredAt, grantedAt, attachments, client, keptAt, mayBeGivenUp };
}

const lastReleasedKind = new RecordKind(
  6,
  recordFormat('a last released index', {
    space: field(1, lockSpace),
    name: field(2, text),
    index: field(3, uint),
  }),
);

const lastReleasedBoundKind = new RecordKind(
  7,
  recordFormat('the bound of last released indexes', {
    space: field(1, lockSpace),
    bound: field(2, uint),
  }),
);

const holderChangeKind = new RecordKind(
  9,
  recordFormat('a change of holders', {
    space: field(1, lockSpace),
    name: field(2, text),
    at: field(3, uint),
    clusterTimeMs: field(4, uint),
    action: field(5, oneOf<HolderChange['action']>(['granted', 'released', 'expired', 'forced'])),
    index: field(6, uint),
    value: field(7, text),
  }),
);

const holderChangesBoundKind = new RecordKind(
  10,
  recordFormat('the bound of holder changes', { forgottenUpTo: field(1, uint) }),
);

/** The lists beside the queues. They are bounded, so they are copied now and written later. */
export function lockRecords({ lastReleased, history }: Queues): Iterable<SnapshotRecord> {
  const released = (['lock', 'leader'] as const).map((space) => ({
    space,
    bound: lastReleased[space].bound,
    entries: lastReleased[space].entries,
  }));
  return recordsOf(released, history.forgottenUpTo, history.all);
}

export function lockReaders({ lastReleased, history }: Queues): readonly RecordReader[] {
  return [
    lastReleasedKind.reader(({ space, name, index }) => lastReleased[space].note(name, index)),
    lastReleasedBoundKind.reader(({ space, bound }) => lastReleased[space].raise(bound)),
    holderChangeKind.reader((change) => history.note(change)),
    holderChangesBoundKind.reader(({ forgottenUpTo }) => history.forget(forgottenUpTo)),
  ];
}

interface ReleasedCopy {
  readonly space: LockSpace;
  readonly bound: number;
  readonly entries: readonly (readonly [name: string, index: number])[];
}

function* recordsOf(
  released: readonly ReleasedCopy[],
  forgottenUpTo: number,
  changes: readonly HolderChange[],
): Iterable<SnapshotRecord> {
  for (const { space, bound, entries } of released) {
    yield lastReleasedBoundKind.of({ space, bound });
    for (const [name, index] of entries) yield lastReleasedKind.of({ space, name, index });
  }
  yield holderChangesBoundKind.of({ forgottenUpTo });
  for (const change of changes) yield holderChangeKind.of(change);
}
