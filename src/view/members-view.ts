import type { RegisteredMember } from './registered-member.js';

/** The members of the cluster. */
export interface MembersView {
  /** The members that have registered, in the order of their ids. */
  registered(): readonly RegisteredMember[];
}
