import { field } from '../encoding/field.js';
import { MalformedError } from '../encoding/format-error.js';
import { flag, optional, text, uint } from '../encoding/kinds.js';
import { type RecordOf, taggedFormat } from '../encoding/record-format.js';
import type { Alternatives } from '../encoding/union-format.js';
import { holdProblem } from './hold-rules.js';
import { holdMode, lockName, lockSpace } from './kinds.js';

/** Locks and elections. */
export type LockCommand = AcquireCommand | RenewCommand | ReleaseCommand | CancelAcquireCommand;

export const onLock = { space: field(1, lockSpace), name: field(2, lockName) };

/**
 * Adds an entry at the end of the queue, or joins the queue entry that has the same non-empty
 * value. Joining a holder renews its TTL, and decides how long it stays. With `tryOnly` no queue
 * entry is added unless it holds at once, and with `index` none is added at all.
 */
export type AcquireCommand = RecordOf<typeof acquireFormat>;
const acquireFormat = taggedFormat(
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
    /** The queue entry to join. If there is a value, too, both must fit. */
    index: field(9, optional(uint)),
    /** The client's address, where no value says who it is. Nothing is decided by it. */
    client: field(10, optional(text)),
    /** The queue entry that it waits on stays for its TTL, however the acquire ends. */
    keepsPlace: field(11, optional(flag)),
  },
  (asked) => {
    const problem = holdProblem(asked);
    if (problem !== undefined) throw new MalformedError(problem);
  },
);

/** Names a queue entry by its index, its value, or both (then both must fit). */
const onEntry = { ...onLock, index: field(3, optional(uint)), value: field(4, optional(text)) };

export type RenewCommand = RecordOf<typeof renewFormat>;
const renewFormat = taggedFormat('renew', { ...onEntry, ttlMs: field(5, uint) });

/** Removes the queue entry, whether it holds or waits, for all who wait on it. */
export type ReleaseCommand = RecordOf<typeof releaseFormat>;
const releaseFormat = taggedFormat('release', {
  ...onEntry,
  /** Somebody else than the owner releases: the history tells it from an ordinary release. */
  forced: field(6, optional(flag)),
});

/**
 * The client of one acquire is gone. The queue entry is removed if no other acquire keeps it. One
 * that holds is removed only if `keepIfHolder` is false and no other acquire was told so. With
 * `keepForTtl`, or after an acquire with `keepsPlace`, the queue entry stays: while it waits for
 * its TTL, in which an acquire may join it.
 */
export type CancelAcquireCommand = RecordOf<typeof cancelAcquireFormat>;
const cancelAcquireFormat = taggedFormat('cancelAcquire', {
  ...onLock,
  index: field(3, uint),
  /** `Origin.sequence` of the acquire; its member and boot are those of this command. */
  acquireSequence: field(4, uint),
  keepIfHolder: field(5, flag),
  keepForTtl: field(6, optional(flag)),
  /** By a client that was told that it holds, or that has no right to it: no place is kept. */
  givesUp: field(7, optional(flag)),
});

/** The numbers from 16 to 31 are those of locks. */
export const lockCommands = {
  acquire: [16, acquireFormat],
  renew: [17, renewFormat],
  release: [18, releaseFormat],
  cancelAcquire: [19, cancelAcquireFormat],
} as const satisfies Alternatives<LockCommand>;
