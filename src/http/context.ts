import type { MemberId } from '../ids.js';
import type { LockHost } from '../lock/acquire.js';
import type { Coordinator } from '../member/coordinator.js';
import type { MemberStatus } from '../view/member-status.js';
import type { PeerContact } from '../view/peer-contact.js';
import type { ConcurrencyLimit } from './server/concurrency-limit.js';
import type { TimeSlicer } from './server/time-slicer.js';
import type { WallClock } from './wall-clock.js';

/** What every handler works with. */
export interface ApiContext {
  readonly coordinator: Coordinator;
  readonly locks: LockHost;
  readonly wallClock: WallClock;
  readonly waitLimit: ConcurrencyLimit;
  /** Bounds the listings of keys and queues that are streamed. */
  readonly listingLimit: ConcurrencyLimit;
  readonly timeSlicer: TimeSlicer;
  readonly requestTimeoutMs: number;
  readonly members: readonly MemberAddresses[];
  readonly version: string;
  readonly clusterInfo: ClusterInfo;
}

/** What the peer connections and the process tell about this member and the others. */
export interface ClusterInfo {
  /** This member's status, as its peers receive it. */
  ownStatus(): MemberStatus;
  /** How each of the other members answers this one. */
  contacts(): ReadonlyMap<MemberId, PeerContact>;
}

/** How a member is reached. */
export interface MemberAddresses {
  readonly memberId: MemberId;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
}
