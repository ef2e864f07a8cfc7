import { field } from '../encoding/field.js';
import { memberId, term } from '../encoding/id-kinds.js';
import { list, optional, uint } from '../encoding/kinds.js';
import { type RecordOf, recordFormat, taggedFormat } from '../encoding/record-format.js';
import type { Alternatives } from '../encoding/union-format.js';
import { path } from './kinds.js';
import { onLock } from './locks.js';

/** Proposed by the leader alone. They have no effect in any other term. */
export type TimeCommand = ExpireKeyCommand | ExpireWaiterCommand | AdvanceClockCommand;

/** The TTL of the key, or of the queue entry that holds, at `path` is over. */
export type ExpireKeyCommand = RecordOf<typeof expireKeyFormat>;
const expireKeyFormat = taggedFormat('expireKey', {
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

/**
 * The waiting queue entry was not kept alive: all its members have been silent for its TTL, for
 * which it was kept.
 */
export type ExpireWaiterCommand = RecordOf<typeof expireWaiterFormat>;
const expireWaiterFormat = taggedFormat('expireWaiter', {
  ...onLock,
  index: field(3, uint),
  /** The sessions that keep the queue entry. None of them may have sent a command since. */
  sessions: field(4, list(heardSessionFormat, Object.freeze([]))),
  term: field(5, term),
  /** Must be that of the queue entry still; otherwise its place was kept anew before. */
  keptAt: field(6, optional(uint)),
});

/** Advances the cluster's clock by the stamp of its envelope when nobody writes. */
export type AdvanceClockCommand = RecordOf<typeof advanceClockFormat>;
const advanceClockFormat = taggedFormat('advanceClock', {});

/** The numbers from 48 to 63 are those of time. */
export const timeCommands = {
  expireKey: [48, expireKeyFormat],
  expireWaiter: [49, expireWaiterFormat],
  advanceClock: [50, advanceClockFormat],
} as const satisfies Alternatives<TimeCommand>;
