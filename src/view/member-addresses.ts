import type { MemberId } from '../ids.js';

/** How a member is reached. */
export interface MemberAddresses {
  readonly memberId: MemberId;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
}
