import type { MemberId } from '../ids.js';

/** A member as it has registered with the cluster. */
export interface RegisteredMember {
  readonly memberId: MemberId;
  /** Of its data directory. */
  readonly incarnation: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly version: string;
}
