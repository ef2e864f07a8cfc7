import { type LogIndex, logIndex, memberId, type Term, term } from '../ids.js';
import type { HardState } from '../raft/entry.js';
import type { Root } from './root-record.js';
import { SealedReader, SealedWriter } from './sealed.js';
import type { Identity } from './storage.js';

/** What the database is known to hold, told by a file that LevelDB has no hand in. It may know less, never more. */
export interface Testimony {
  readonly identity: Identity;
  readonly boot: number;
  readonly vote: Pick<HardState, 'currentTerm' | 'votedFor'>;
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
const contentBytes = 8 + 8 + 16 + 8 + 8 + 1 + 8 + 8 + 8 + 8;
const nobody = '0'.repeat(16);

export function encodeTestimony({ identity, boot, vote, reach, snapshotIndex }: Testimony): Buffer {
  return new SealedWriter(version, contentBytes)
    .hex(identity.clusterId)
    .hex(identity.memberId)
    .hex(identity.incarnation)
    .u64(boot)
    .u64(vote.currentTerm)
    .u8(vote.votedFor === undefined ? 0 : 1)
    .hex(vote.votedFor ?? nobody)
    .u64(reach.index)
    .u64(reach.term)
    .u64(snapshotIndex)
    .seal();
}

export function decodeTestimony(bytes: Buffer): Testimony {
  const reader = new SealedReader(bytes, version, 'the witness file');
  const identity: Identity = {
    clusterId: reader.hex(16),
    memberId: memberId(reader.hex(16)),
    incarnation: reader.hex(32),
  };
  const boot = reader.u64();
  const currentTerm = term(reader.u64());
  const hasVoted = reader.u8() === 1;
  const candidate = memberId(reader.hex(16));
  const testimony: Testimony = {
    identity,
    boot,
    vote: { currentTerm, votedFor: hasVoted ? candidate : undefined },
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
