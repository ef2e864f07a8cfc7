import type { MemberId } from '../ids.js';

/** What an operator asks of the members. */
export type MembersChange =
  | { readonly type: 'add'; readonly member: NewMember }
  | { readonly type: 'remove'; readonly memberId: MemberId }
  | {
      readonly type: 'update';
      readonly memberId: MemberId;
      readonly peerUrls: readonly string[];
    };

export interface NewMember {
  /** Chosen at random by whoever is asked, once for each request. */
  readonly memberId: MemberId;
  /** May be empty: it tells its name when it starts. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  /** It is never promoted by itself. */
  readonly staysLearner: boolean;
}

export interface MembersRefusal {
  readonly reason: MembersRefusalReason;
  /** When it is unsafe: the voters that do not answer. */
  readonly missing: readonly MemberId[];
}

/**
 * - `exists`, `unknown`, `removed`, `lastVoter`, `tooMany`: the cluster has, or had, or needs this
 *   member, or has no room for it.
 * - `urlTaken`, `nameTaken`: another member has it.
 * - `unsafe`: too few voters answer.
 * - `noLeader`: nobody leads, or whoever leads is not ready or busy with another change.
 * - `notConfirmed`: it was begun, and nothing more is known of it.
 */
export type MembersRefusalReason =
  | 'exists'
  | 'unknown'
  | 'removed'
  | 'lastVoter'
  | 'tooMany'
  | 'urlTaken'
  | 'nameTaken'
  | 'unsafe'
  | 'noLeader'
  | 'notConfirmed';
