import { crc32 } from 'node:zlib';
import { logIndex, memberId, term } from '../../src/ids.js';
import type { Entry, EntryType, HardState, SnapshotMetadata } from '../../src/raft/entry.js';
import type { Write } from '../../src/raft/ready.js';
import type { Owner } from '../../src/storage/identity.js';
import type { Storage } from '../../src/storage/storage.js';

export const owner: Owner = {
  clusterId: 'c1'.repeat(8),
  memberId: memberId('a1'.repeat(8)),
  names: { own: 'n1', all: ['n1', 'n2', 'n3'] },
};
export const somebody = memberId('b2'.repeat(8));
export const somebodyElse = memberId('c3'.repeat(8));

export function entry(index: number, inTerm: number, type: EntryType = 'command'): Entry {
  const data = type === 'noop' ? new Uint8Array() : Buffer.from(`${index} in ${inTerm}`);
  return { index: logIndex(index), term: term(inTerm), type, data };
}

/** Entries [from, to]; none when `to` is before `from`. */
export function entries(from: number, to: number, inTerm: number): Entry[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => entry(from + at, inTerm));
}

export function hardState(inTerm: number, commit = 0, votedFor?: HardState['votedFor']): HardState {
  return { currentTerm: term(inTerm), votedFor, commitIndex: logIndex(commit) };
}

export function writeOf(
  state: HardState,
  appended: readonly Entry[] = [],
  snapshot?: SnapshotMetadata,
): Write {
  return { sequence: 1, hardState: state, entries: appended, snapshot };
}

export function metadata(index: number, inTerm: number): SnapshotMetadata {
  return {
    lastIncludedIndex: logIndex(index),
    lastIncludedTerm: term(inTerm),
    configuration: {
      voters: [owner.memberId, somebody],
      learners: [somebodyElse],
      removed: undefined,
      addresses: undefined,
    },
  };
}

/** Three chunks that name the snapshot, one of them empty. */
export function chunksOf(of: SnapshotMetadata): Buffer[] {
  return [`snapshot ${of.lastIncludedIndex}`, '', 'end'].map((text) => Buffer.from(text));
}

export async function storeSnapshot(storage: Storage, of: SnapshotMetadata): Promise<void> {
  const writer = storage.createSnapshot(of);
  for (const chunk of chunksOf(of)) await writer.append(chunk);
  await writer.finish();
}

export async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Buffer[]> {
  const read: Buffer[] = [];
  for await (const chunk of chunks) read.push(Buffer.from(chunk));
  return read;
}

/** Comparable whatever kind of array holds the bytes. */
export function plain(log: readonly Entry[]): unknown[] {
  return log.map((each) => ({ ...each, data: Buffer.from(each.data).toString('latin1') }));
}

/** Puts the right checksum at the end of a record whose bytes were changed. */
export function withChecksum(record: Buffer): Buffer {
  record.writeUInt32BE(crc32(record.subarray(0, -4)), record.length - 4);
  return record;
}
