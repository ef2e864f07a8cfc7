import type { MemberId } from '../ids.js';

/** What a member measured at one moment. */
export interface Sample {
  /** On the member's clock. */
  readonly at: number;
  readonly commitIndex: number;
  /** NaN when it could not be measured. */
  readonly rssBytes: number;
  readonly waitingForLocks: number;
  readonly waitingForElections: number;
  /**
   * At the leader, how long a follower takes to acknowledge entries; elsewhere the round trip of a
   * ping. Without a peer that does not answer.
   */
  readonly latencyMs: ReadonlyMap<MemberId, number>;
}
