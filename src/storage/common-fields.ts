import { memberId, term } from '../ids.js';
import type { HardState } from '../raft/entry.js';
import type { ChecksummedReader, ChecksummedWriter } from './checksummed-record.js';
import type { Identity } from './storage.js';

/**
 * The fields that both the root record and the watermark file begin with: identity, boot, term and
 * vote.
 */
export interface CommonFields {
  readonly identity: Identity;
  readonly boot: number;
  readonly vote: Pick<HardState, 'currentTerm' | 'votedFor'>;
}

export const commonBytes = 8 + 8 + 16 + 8 + 8 + 1 + 8;
const nobody = '0'.repeat(16);

export function writeCommon(
  writer: ChecksummedWriter,
  { identity, boot, vote }: CommonFields,
): void {
  writer
    .hex(identity.clusterId)
    .hex(identity.memberId)
    .hex(identity.incarnation)
    .u64(boot)
    .u64(vote.currentTerm)
    .u8(vote.votedFor === undefined ? 0 : 1)
    .hex(vote.votedFor ?? nobody);
}

export function readCommon(reader: ChecksummedReader): CommonFields {
  const identity: Identity = {
    clusterId: reader.hex(16),
    memberId: memberId(reader.hex(16)),
    incarnation: reader.hex(32),
  };
  const boot = reader.u64();
  const currentTerm = term(reader.u64());
  const hasVoted = reader.u8() === 1;
  const candidate = memberId(reader.hex(16));
  return { identity, boot, vote: { currentTerm, votedFor: hasVoted ? candidate : undefined } };
}
