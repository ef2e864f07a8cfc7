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
}
