import type { MemberId } from '../ids.js';
import type { LockHost } from '../lock/acquire.js';
import type { Coordinator } from '../member/coordinator.js';
import type { WallClock } from './wall-clock.js';

/** What the handlers work with. */
export interface FaceContext {
  readonly coordinator: Coordinator;
  readonly locks: LockHost;
  readonly wallClock: WallClock;
  readonly requestTimeoutMs: number;
  readonly members: readonly MemberAddresses[];
  readonly version: string;
}

/** How a member is reached, as this member was told when it started. */
export interface MemberAddresses {
  readonly memberId: MemberId;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
}
