import { field } from '../encoding/field.js';
import { logIndex, memberId, term } from '../encoding/id-kinds.js';
import { bytes, text, uint } from '../encoding/kinds.js';
import { type RecordOf, taggedFormat } from '../encoding/record-format.js';
import { UnionFormat } from '../encoding/union-format.js';

/** What every backup begins with, in every format. */
export const firstLine = Buffer.from('conclave backup\n', 'latin1');

/** Where the backup comes from, and for which entry of the log it stands. */
export type BackupHead = RecordOf<typeof headFormat>;
const headFormat = taggedFormat('head', {
  clusterId: field(1, text),
  memberId: field(2, memberId),
  memberName: field(3, text),
  /** Of the member's release. */
  version: field(4, text),
  /** By the member's wall clock, in ms since 1970. It is shown, and decides nothing. */
  takenAt: field(5, uint),
  /** The last entry whose effect the backup has. */
  index: field(6, logIndex),
  term: field(7, term),
});

/** A part of the state, as a snapshot has it. */
const chunkFormat = taggedFormat('chunk', { number: field(1, uint), data: field(2, bytes) });

/** Shows that nothing is missing. */
export type BackupEnd = RecordOf<typeof endFormat>;
const endFormat = taggedFormat('end', {
  chunks: field(1, uint),
  /** The length of all chunks together. */
  stateBytes: field(2, uint),
  /**
   * The highest index of the log and of the key store that the member knew when it had written all
   * that stands before: the cluster has gone on meanwhile.
   */
  highestIndex: field(3, uint),
  /** The SHA-256 of all bytes before this record's length. */
  digest: field(4, bytes),
});

export type BackupRecord = BackupHead | RecordOf<typeof chunkFormat> | BackupEnd;

/** The numbers are in files that people keep: never change one, never use one again. */
export const backupFormat = new UnionFormat<BackupRecord>('a record of a backup', {
  head: [0, headFormat],
  chunk: [1, chunkFormat],
  end: [2, endFormat],
});
