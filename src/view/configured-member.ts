import type { MemberId } from '../ids.js';

/** A member as the replicated configuration names it. */
export interface ConfiguredMember {
  readonly memberId: MemberId;
  /** Empty until it has started, if it was added without one. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly isLearner: boolean;
  /** A learner that is never promoted by itself. */
  readonly staysLearner: boolean;
}
