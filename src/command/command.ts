import { field } from '../encoding/field.js';
import { MalformedError } from '../encoding/format-error.js';
import { memberId, term } from '../encoding/id-kinds.js';
import { flag, list, optional, text, uint } from '../encoding/kinds.js';
import { type RecordOf, recordFormat, taggedFormat } from '../encoding/record-format.js';
import { fenceFormat, noFences } from './fence.js';
import { holdProblem } from './hold-rules.js';
import { holdMode, lockName, lockSpace, path, texts } from './kinds.js';

/** The content of log entries. Each command is one atomic step of the state machine. */
export type Command = KeyCommand | LockCommand | MemberCommand | TimeCommand;

export type KeyCommand =
  | SetCommand
  | CreateCommand
  | UpdateCommand
  | CompareAndSwapCommand
  | DeleteCommand
  | CompareAndDeleteCommand
  | CreateInOrderCommand;

export type LockCommand = AcquireCommand | RenewCommand | ReleaseCommand | CancelAcquireCommand;

/** Sent by a member about itself; `Origin` says which member. */
export type MemberCommand = RegisterCommand | KeepAliveCommand;

/** Proposed by the leader alone. They have no effect in any other term. */
export type TimeCommand = ExpireKeyCommand | ExpireWaiterCommand | AdvanceClockCommand;

const onLock = { space: field(1, lockSpace), name: field(2, lockName) };

const onKey = {
  path: field(1, path),
  /** The write fails unless all of them hold. They are checked before anything else. */
  fences: field(2, list(fenceFormat, noFences)),
};
const keyWrite = {
  ...onKey,
  value: field(3, text),
  /** Undefined means permanent. */
  ttlMs: field(4, optional(uint)),
};
/** An undefined condition always holds. At least one is defined. */
const conditions = {
  prevValue: field(6, optional(text)),
  prevIndex: field(7, optional(uint)),
};

/** `refresh` keeps the value of a key that must exist, and tells no watcher. */
export type SetCommand = RecordOf<typeof setFormat>;
export const setFormat = taggedFormat('set', {
  ...keyWrite,
  dir: field(5, flag),
  refresh: field(8, flag),
});

export type CreateCommand = RecordOf<typeof createFormat>;
export const createFormat = taggedFormat('create', { ...keyWrite, dir: field(5, flag) });

/** `refresh` keeps the value and tells no watcher. */
export type UpdateCommand = RecordOf<typeof updateFormat>;
export const updateFormat = taggedFormat('update', { ...keyWrite, refresh: field(8, flag) });

export type CompareAndSwapCommand = RecordOf<typeof compareAndSwapFormat>;
export const compareAndSwapFormat = taggedFormat('compareAndSwap', {
  ...keyWrite,
  ...conditions,
  refresh: field(8, flag),
});

export type DeleteCommand = RecordOf<typeof deleteFormat>;
export const deleteFormat = taggedFormat('delete', {
  ...onKey,
  dir: field(5, flag),
  recursive: field(9, flag),
});

export type CompareAndDeleteCommand = RecordOf<typeof compareAndDeleteFormat>;
export const compareAndDeleteFormat = taggedFormat('compareAndDelete', { ...onKey, ...conditions });

/** Creates a 20-digit key, named by its index, in the directory `path`. */
export type CreateInOrderCommand = RecordOf<typeof createInOrderFormat>;
export const createInOrderFormat = taggedFormat('createInOrder', {
  ...keyWrite,
  dir: field(5, flag),
});

/**
 * Adds an entry at the end of the queue, or joins the queue entry that has the same non-empty
 * value. Joining a holder renews its TTL, and decides how long it stays. With `tryOnly` no queue
 * entry is added unless it holds at once.
 */
export type AcquireCommand = RecordOf<typeof acquireFormat>;
export const acquireFormat = taggedFormat(
  'acquire',
  {
    ...onLock,
    value: field(3, text),
    ttlMs: field(4, uint),
    tryOnly: field(5, flag),
    /** Must be the mode of the queue entry that it joins. */
    mode: field(6, holdMode),
    /** The number of exclusive entries that hold together. Must be the queue's, if there is one. */
    limit: field(7, uint),
    /** Cancelling the acquire removes the queue entry even after the grant was told. */
    holdsConnection: field(8, flag),
  },
  (asked) => {
    const problem = holdProblem(asked);
    if (problem !== undefined) throw new MalformedError(problem);
  },
);

/** Names a queue entry by its index, its value, or both (then both must fit). */
const onEntry = { ...onLock, index: field(3, optional(uint)), value: field(4, optional(text)) };

export type RenewCommand = RecordOf<typeof renewFormat>;
export const renewFormat = taggedFormat('renew', { ...onEntry, ttlMs: field(5, uint) });

/** Removes the queue entry, whether it holds or waits, for all who wait on it. */
export type ReleaseCommand = RecordOf<typeof releaseFormat>;
export const releaseFormat = taggedFormat('release', onEntry);

/**
 * The client of one acquire is gone. The queue entry is removed if no other acquire keeps it. One
 * that holds is removed only if `keepIfHolder` is false and no other acquire was told so.
 */
export type CancelAcquireCommand = RecordOf<typeof cancelAcquireFormat>;
export const cancelAcquireFormat = taggedFormat('cancelAcquire', {
  ...onLock,
  index: field(3, uint),
  /** `Origin.sequence` of the acquire; its member and boot are those of this command. */
  acquireSequence: field(4, uint),
  keepIfHolder: field(5, flag),
});

/**
 * Sent by a member after each start. It is refused if the member has registered with another
 * incarnation before: its disk was replaced.
 */
export type RegisterCommand = RecordOf<typeof registerFormat>;
export const registerFormat = taggedFormat('register', {
  incarnation: field(1, text),
  name: field(2, text),
  peerUrls: field(3, texts),
  clientUrls: field(4, texts),
  version: field(5, text),
});

/** The member is alive, and so are the connections of the clients that wait through it. */
export type KeepAliveCommand = RecordOf<typeof keepAliveFormat>;
export const keepAliveFormat = taggedFormat('keepAlive', {});

/** The TTL of the key, or of the queue entry that holds, at `path` is over. */
export type ExpireKeyCommand = RecordOf<typeof expireKeyFormat>;
export const expireKeyFormat = taggedFormat('expireKey', {
  path: field(1, path),
  /** Must be the node's lease revision still; otherwise a renewal was ordered first. */
  leaseRevision: field(2, uint),
  /** Must be the term of the log entry with this command. */
  term: field(3, term),
});

const heardSessionFormat = recordFormat('a session that was heard of', {
  memberId: field(1, memberId),
  lastCommandIndex: field(2, uint),
});

/** The waiting queue entry was not kept alive: all its members have been silent for its TTL. */
export type ExpireWaiterCommand = RecordOf<typeof expireWaiterFormat>;
export const expireWaiterFormat = taggedFormat('expireWaiter', {
  ...onLock,
  index: field(3, uint),
  /** The sessions that keep the queue entry. None of them may have sent a command since. */
  sessions: field(4, list(heardSessionFormat, Object.freeze([]))),
  term: field(5, term),
});

/** Advances the cluster's clock by the stamp of its envelope when nobody writes. */
export type AdvanceClockCommand = RecordOf<typeof advanceClockFormat>;
export const advanceClockFormat = taggedFormat('advanceClock', {});
