import type { MemberAddresses } from './member-addresses.js';

/** A member as it has registered with the cluster. */
export interface RegisteredMember extends MemberAddresses {
  /** Of its data directory. */
  readonly incarnation: string;
  readonly version: string;
}
