import { type LogIndex, logIndex, type Term, term } from '../ids.js';
import type { Entry, EntryType } from '../raft/entry.js';
import { ChecksummedReader, ChecksummedWriter, checksumOf } from './checksummed-record.js';
import { corrupt } from './corruption.js';

/*
 * One record holds the entries of one write:
 *   version(1) previousChain(4) firstIndex(8) count(4), then for each entry
 *   term(8) type(1) length(4) data, then the checksum(4).
 * The checksum covers `previousChain`, the checksum of the record before, and so by induction the
 * whole log up to here. So a lost record, or a stale one that was replaced, breaks the chain.
 */

const version = 1;
const headerBytes = 16;
const entryHeaderBytes = 13;
const types: readonly EntryType[] = ['noop', 'command', 'configuration'];
const codes: Readonly<Record<EntryType, number>> = { noop: 0, command: 1, configuration: 2 };

/** What the first record of a log follows. */
export const initialChain = 0;

export interface EncodedRecord {
  readonly bytes: Buffer;
  readonly chain: number;
}

export function encodeRecord(
  firstIndex: LogIndex,
  entries: readonly Entry[],
  previousChain: number,
): EncodedRecord {
  let contentBytes = headerBytes;
  for (const entry of entries) contentBytes += entryHeaderBytes + entry.data.byteLength;
  const writer = new ChecksummedWriter(version, contentBytes)
    .u32(previousChain)
    .u64(firstIndex)
    .u32(entries.length);
  for (const { term, type, data } of entries) {
    writer.u64(term).u8(codes[type]).u32(data.byteLength).raw(data);
  }
  const bytes = writer.finish();
  return { bytes, chain: checksumOf(bytes) };
}

export interface DecodedRecord {
  /** Contiguous, at least one. Their data shares the memory of the record. */
  readonly entries: readonly Entry[];
  readonly chain: number;
}

/**
 * @throws StorageError `corrupt` unless it is the record that follows `previousChain` at
 *   `firstIndex`.
 */
export function decodeRecord(
  bytes: Buffer,
  firstIndex: LogIndex,
  previousChain: number,
): DecodedRecord {
  const what = `the log record at index ${firstIndex}`;
  const reader = new ChecksummedReader(bytes, version, what);
  const follows = reader.u32();
  const index = reader.u64();
  if (index !== firstIndex) throw corrupt(`${what} claims to begin at ${index}`);
  if (follows !== previousChain) throw corrupt(`${what} does not follow the record before it`);
  const count = reader.u32();
  if (count === 0) throw corrupt(`${what} is empty`);
  const entries: Entry[] = [];
  for (let position = 0; position < count; position += 1) {
    entries.push(decodeEntry(reader, logIndex(firstIndex + position), what));
  }
  reader.end();
  return { entries, chain: checksumOf(bytes) };
}

function decodeEntry(reader: ChecksummedReader, index: LogIndex, what: string): Entry {
  const entryTerm: Term = term(reader.u64());
  const type = types[reader.u8()];
  if (type === undefined) throw corrupt(`${what} holds an entry of an unknown type`);
  return { index, term: entryTerm, type, data: reader.raw(reader.u32()) };
}
