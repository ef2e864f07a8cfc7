import { field } from '../encoding/field.js';
import { logIndex } from '../encoding/id-kinds.js';
import { uint } from '../encoding/kinds.js';
import { formatFor } from '../encoding/record-format.js';
import type { LogIndex } from '../ids.js';
import type { Entry } from '../raft/entry.js';
import { entryList, type PlacedEntry, withIndexes } from '../records/entry-format.js';
import { checksumOf, decodeChecksummed, encodeChecksummed } from './checksummed-record.js';
import { corrupt } from './corruption.js';

/** The entries of one write. */
interface LogRecord {
  /**
   * The checksum of the record before, and so by induction of the whole log up to here. A lost
   * record, or a stale one that was replaced, breaks the chain.
   */
  readonly previousChain: number;
  readonly firstIndex: LogIndex;
  readonly entries: readonly PlacedEntry[];
}

const logRecordFormat = formatFor<LogRecord>('a log record', {
  previousChain: field(1, uint),
  firstIndex: field(2, logIndex),
  entries: field(3, entryList),
});

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
  const bytes = encodeChecksummed(logRecordFormat, { previousChain, firstIndex, entries });
  return { bytes, chain: checksumOf(bytes) };
}

export interface DecodedRecord {
  /** Contiguous, at least one. Their data shares the memory of the record. */
  readonly entries: readonly Entry[];
  readonly chain: number;
}

/**
 * @throws {StorageError} `corrupt` unless it is the record that follows `previousChain` at
 *   `firstIndex`.
 */
export function decodeRecord(
  bytes: Buffer,
  firstIndex: LogIndex,
  previousChain: number,
): DecodedRecord {
  const what = `the log record at index ${firstIndex}`;
  const record = decodeChecksummed(logRecordFormat, bytes, what);
  if (record.firstIndex !== firstIndex) {
    throw corrupt(`${what} claims to begin at ${record.firstIndex}`);
  }
  if (record.previousChain !== previousChain) {
    throw corrupt(`${what} does not follow the record before it`);
  }
  if (record.entries.length === 0) throw corrupt(`${what} is empty`);
  return { entries: withIndexes(record.entries, firstIndex), chain: checksumOf(bytes) };
}
