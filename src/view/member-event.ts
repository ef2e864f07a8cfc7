import type { LockSpace } from '../command/lock-path.js';
import type { MemberId, Term } from '../ids.js';
import type { PeerRefusal } from './peer-contact.js';

/** What a member has seen happen. It is for people: nothing is decided by it. */
export type MemberEventContent =
  | { readonly type: 'leaderElected'; readonly leaderId: MemberId; readonly term: Term }
  | { readonly type: 'leaderLost'; readonly term: Term }
  /** The peer does not answer this member any more. */
  | { readonly type: 'peerLost'; readonly peer: MemberId }
  | { readonly type: 'peerFound'; readonly peer: MemberId }
  | ({ readonly type: 'peerRefused'; readonly peer: MemberId } & PeerRefusal)
  /** Somebody else than its owner removed a queue entry, through this member. */
  | {
      readonly type: 'forcedRelease';
      readonly space: LockSpace;
      readonly name: string;
      /** Undefined when the entry was named by its value. */
      readonly index: number | undefined;
      readonly value: string;
      /** The address of the caller. */
      readonly client: string;
    }
  /** Requests of clients that this member could not serve. */
  | { readonly type: 'requestsRefused'; readonly reason: string };

export interface MemberEvent {
  /** On the member's clock: when it happened first. */
  readonly at: number;
  /** How often the same happened in a row, within a minute each. */
  readonly count: number;
  readonly content: MemberEventContent;
}
