import { type LogIndex, logIndex, type Term, term } from '../ids.js';
import { type CommonFields, commonBytes, readCommon, writeCommon } from './common-fields.js';
import type { Root } from './root-record.js';
import { SealedReader, SealedWriter } from './sealed.js';

/** What the database is known to hold, told by a file that LevelDB has no hand in. It may know less, never more. */
export interface Testimony extends CommonFields {
  readonly reach: Reach;
  /** The last index that the newest finished snapshot covers; zero when there is none. */
  readonly snapshotIndex: LogIndex;
}

/** The log holds an entry of `term` at `index`, so (Raft, section 5.3) also all that came before it. */
export interface Reach {
  readonly index: LogIndex;
  readonly term: Term;
}

const version = 1;
const contentBytes = commonBytes + 8 + 8 + 8;

export function encodeTestimony(testimony: Testimony): Buffer {
  const writer = new SealedWriter(version, contentBytes);
  writeCommon(writer, testimony);
  const { reach, snapshotIndex } = testimony;
  return writer.u64(reach.index).u64(reach.term).u64(snapshotIndex).seal();
}

export function decodeTestimony(bytes: Buffer): Testimony {
  const reader = new SealedReader(bytes, version, 'the witness file');
  const testimony: Testimony = {
    ...readCommon(reader),
    reach: { index: logIndex(reader.u64()), term: term(reader.u64()) },
    snapshotIndex: logIndex(reader.u64()),
  };
  reader.end();
  return testimony;
}

export function testimonyOf(root: Root, reach: Reach, snapshotIndex: LogIndex): Testimony {
  const { currentTerm, votedFor } = root.hardState;
  return {
    identity: root.identity,
    boot: root.boot,
    vote: { currentTerm, votedFor },
    reach,
    snapshotIndex,
  };
}
