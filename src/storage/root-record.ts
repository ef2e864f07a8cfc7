import { type LogIndex, logIndex } from '../ids.js';
import type { HardState } from '../raft/entry.js';
import { ChecksummedReader, ChecksummedWriter } from './checksummed-record.js';
import { commonBytes, readCommon, writeCommon } from './common-fields.js';
import { initialChain } from './log-record.js';
import type { Identity } from './storage.js';
import { initialHardState } from './write-rules.js';

/**
 * The root record names the records that are valid. It is written in the batch of every change, so
 * a record that it names exists, and one that it does not name is left over from a crash.
 */
export interface Root {
  readonly identity: Identity;
  /** Zero while the directory is being created. */
  readonly boot: number;
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

const version = 1;
const contentBytes = commonBytes + 8 + 8 + 4 + 8 + 4 + 8 + 4;

export function initialRoot(identity: Identity): Root {
  return {
    identity,
    boot: 0,
    hardState: initialHardState,
    snapshotId: 0,
    log: emptyLog(0, logIndex(0)),
  };
}

/** A log without entries that goes on after `lastIndex`. */
export function emptyLog(generation: number, lastIndex: LogIndex): LogExtent {
  const firstIndex = logIndex(lastIndex + 1);
  return {
    generation,
    firstIndex,
    baseChain: initialChain,
    lastIndex,
    lastChain: initialChain,
  };
}

export function encodeRoot({ identity, boot, hardState, snapshotId, log }: Root): Buffer {
  const writer = new ChecksummedWriter(version, contentBytes);
  writeCommon(writer, { identity, boot, vote: hardState });
  return writer
    .u64(hardState.commitIndex)
    .u64(snapshotId)
    .u32(log.generation)
    .u64(log.firstIndex)
    .u32(log.baseChain)
    .u64(log.lastIndex)
    .u32(log.lastChain)
    .finish();
}

export function decodeRoot(bytes: Buffer): Root {
  const reader = new ChecksummedReader(bytes, version, 'the root record');
  const { identity, boot, vote } = readCommon(reader);
  const hardState: HardState = { ...vote, commitIndex: logIndex(reader.u64()) };
  const snapshotId = reader.u64();
  const log: LogExtent = {
    generation: reader.u32(),
    firstIndex: logIndex(reader.u64()),
    baseChain: reader.u32(),
    lastIndex: logIndex(reader.u64()),
    lastChain: reader.u32(),
  };
  reader.end();
  return { identity, boot, hardState, snapshotId, log };
}
