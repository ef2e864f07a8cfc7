import { field } from '../encoding/field.js';
import { memberId, term } from '../encoding/id-kinds.js';
import { list, optional, required, text, uint } from '../encoding/kinds.js';
import { formatFor } from '../encoding/record-format.js';
import type { HardState } from '../raft/entry.js';
import type { Identity, MemberNames } from './storage.js';

export type Vote = Pick<HardState, 'currentTerm' | 'votedFor'>;

const namesFormat = formatFor<MemberNames>('names of members', {
  own: field(1, text),
  all: field(2, list(text, [])),
});

const identityFormat = formatFor<Identity>('an identity', {
  clusterId: field(1, text),
  memberId: field(2, memberId),
  incarnation: field(3, text),
  names: field(4, optional(namesFormat)),
});

/** Term and vote, in the root record and in the watermark file. */
export const voteFields = {
  currentTerm: field(1, term),
  votedFor: field(2, optional(memberId)),
};

/** The fields that both the root record and the watermark file begin with. */
export interface CommonFields {
  readonly identity: Identity;
  /** Zero while the directory is being created. */
  readonly boot: number;
}

export const commonFields = {
  identity: field(1, required(identityFormat)),
  boot: field(2, uint),
};
