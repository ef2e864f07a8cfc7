import type { MemberStatus } from './member-status.js';

/** What is known of the connection to one peer. */
export interface PeerContact {
  /** A connection is open, and the peer answers pings on it. */
  readonly reachable: boolean;
  /** Since its last answer; undefined when it has never answered. */
  readonly silentMs: number | undefined;
  /** Of the ping that it answered last. */
  readonly roundTripMs: number | undefined;
  /** As of its last answer. */
  readonly status: MemberStatus | undefined;
  /** How the last attempt to connect ended; undefined while a connection is open. */
  readonly fault: string | undefined;
  /** Undefined unless the last attempt to connect ended so. */
  readonly refusal: PeerRefusal | undefined;
}

/** One of two members does not accept the other. */
export interface PeerRefusal {
  /** `self`: this member refuses the peer; `peer`: the peer refuses this member. */
  readonly by: 'self' | 'peer';
  /**
   * Completes "it is refused: ", where "it" is the refused one; says what to do where that is
   * known.
   */
  readonly reason: string;
  /** The refused one was a member once, and is none any more. */
  readonly isRemoval?: boolean;
}
