import { field } from '../encoding/field.js';
import { logIndex } from '../encoding/id-kinds.js';
import { required, uint } from '../encoding/kinds.js';
import { formatFor } from '../encoding/record-format.js';
import { type LogIndex, logIndex as toLogIndex } from '../ids.js';
import type { HardState } from '../raft/entry.js';
import { decodeChecksummed, encodeChecksummed } from './checksummed-record.js';
import { type CommonFields, commonFields, voteFields } from './common-fields.js';
import { initialChain } from './log-record.js';
import type { Identity } from './storage.js';
import { initialHardState } from './write-rules.js';

/**
 * The root record names the records that are valid. It is written in the batch of every change, so
 * a record that it names exists, and one that it does not name is left over from a crash.
 */
export interface Root extends CommonFields {
  readonly hardState: HardState;
  /** Names the newest finished snapshot; zero when there is none. */
  readonly snapshotId: number;
  readonly log: LogExtent;
}

/** The log is [firstIndex, lastIndex] of one generation; records of older ones are void. */
export interface LogExtent {
  readonly generation: number;
  readonly firstIndex: LogIndex;
  /** What the first record follows. */
  readonly baseChain: number;
  /** `firstIndex - 1` when the log is empty. */
  readonly lastIndex: LogIndex;
  readonly lastChain: number;
}

const hardStateFormat = formatFor<HardState>('the hard state', {
  ...voteFields,
  commitIndex: field(3, logIndex),
});

const logExtentFormat = formatFor<LogExtent>('the extent of a log', {
  generation: field(1, uint),
  firstIndex: field(2, logIndex),
  baseChain: field(3, uint),
  lastIndex: field(4, logIndex),
  lastChain: field(5, uint),
});

const rootFormat = formatFor<Root>('the root record', {
  ...commonFields,
  hardState: field(3, required(hardStateFormat)),
  snapshotId: field(4, uint),
  log: field(5, required(logExtentFormat)),
});

export function initialRoot(identity: Identity): Root {
  return {
    identity,
    boot: 0,
    hardState: initialHardState,
    snapshotId: 0,
    log: emptyLog(0, toLogIndex(0)),
  };
}

/** A log without entries that goes on after `lastIndex`. */
export function emptyLog(generation: number, lastIndex: LogIndex): LogExtent {
  const firstIndex = toLogIndex(lastIndex + 1);
  return {
    generation,
    firstIndex,
    baseChain: initialChain,
    lastIndex,
    lastChain: initialChain,
  };
}

export function encodeRoot(root: Root): Buffer {
  return encodeChecksummed(rootFormat, root);
}

export function decodeRoot(bytes: Buffer): Root {
  return decodeChecksummed(rootFormat, bytes, 'the root record');
}
