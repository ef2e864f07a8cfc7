import type { MemberId, Term } from '../ids.js';

/** Who leads, as this member knows it now. */
export interface LeaderView {
  readonly leaderId: MemberId;
  readonly term: Term;
  /** This member itself. */
  readonly isSelf: boolean;
}
