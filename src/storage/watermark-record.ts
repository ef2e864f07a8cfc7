import { field } from '../encoding/field.js';
import { logIndex, term } from '../encoding/id-kinds.js';
import { required } from '../encoding/kinds.js';
import { formatFor } from '../encoding/record-format.js';
import type { LogIndex, Term } from '../ids.js';
import { decodeChecksummed, encodeChecksummed } from './checksummed-record.js';
import { type CommonFields, commonFields, type Vote, voteFields } from './common-fields.js';
import type { Root } from './root-record.js';

/**
 * The durability watermark: what the database is known to hold. It is kept in a file that LevelDB
 * does not touch, and may claim less than the database holds, never more.
 */
export interface Watermark extends CommonFields {
  readonly vote: Vote;
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

const watermarkFormat = formatFor<Watermark>('the watermark file', {
  ...commonFields,
  vote: field(3, required(formatFor<Vote>('a vote', voteFields))),
  logEnd: field(
    4,
    required(
      formatFor<LogEnd>('the end of a log', { index: field(1, logIndex), term: field(2, term) }),
    ),
  ),
  snapshotIndex: field(5, logIndex),
});

export function encodeWatermark(watermark: Watermark): Buffer {
  return encodeChecksummed(watermarkFormat, watermark);
}

export function decodeWatermark(bytes: Buffer): Watermark {
  return decodeChecksummed(watermarkFormat, bytes, 'the watermark file');
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
