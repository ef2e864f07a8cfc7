import { type LogIndex, logIndex, type Term, term } from '../ids.js';
import { ChecksummedReader, ChecksummedWriter } from './checksummed-record.js';
import { type CommonFields, commonBytes, readCommon, writeCommon } from './common-fields.js';
import type { Root } from './root-record.js';

/**
 * The durability watermark: what the database is known to hold. It is kept in a file that LevelDB
 * does not touch, and may claim less than the database holds, never more.
 */
export interface Watermark extends CommonFields {
  readonly logEnd: LogEnd;
  /** The last index that the newest finished snapshot covers; zero when there is none. */
  readonly snapshotIndex: LogIndex;
}

/**
 * The log holds an entry of `term` at `index`, so (Raft, section 5.3) also all that came before it.
 */
export interface LogEnd {
  readonly index: LogIndex;
  readonly term: Term;
}

const version = 1;
const contentBytes = commonBytes + 8 + 8 + 8;

export function encodeWatermark(watermark: Watermark): Buffer {
  const writer = new ChecksummedWriter(version, contentBytes);
  writeCommon(writer, watermark);
  const { logEnd, snapshotIndex } = watermark;
  return writer.u64(logEnd.index).u64(logEnd.term).u64(snapshotIndex).finish();
}

export function decodeWatermark(bytes: Buffer): Watermark {
  const reader = new ChecksummedReader(bytes, version, 'the watermark file');
  const watermark: Watermark = {
    ...readCommon(reader),
    logEnd: { index: logIndex(reader.u64()), term: term(reader.u64()) },
    snapshotIndex: logIndex(reader.u64()),
  };
  reader.end();
  return watermark;
}

export function watermarkOf(root: Root, logEnd: LogEnd, snapshotIndex: LogIndex): Watermark {
  const { currentTerm, votedFor } = root.hardState;
  return {
    identity: root.identity,
    boot: root.boot,
    vote: { currentTerm, votedFor },
    logEnd,
    snapshotIndex,
  };
}
