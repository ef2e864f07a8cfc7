import type { LockHost } from '../lock/acquire.js';
import type { MemberAddresses } from '../view/member-addresses.js';
import type { BodyAdmission } from './body-admission.js';
import type { ConcurrencyLimit } from './concurrency-limit.js';
import type { DeadPeerDetector } from './dead-peer-detector.js';
import type { RecentEvents } from './recent-events.js';
import type { SampleHistory } from './sample-history.js';
import type { TimeSlicer } from './time-slicer.js';
import type { WallClock } from './wall-clock.js';

/** What the handlers of every API of a member work with. */
export interface ServiceContext extends LockHost {
  readonly wallClock: WallClock;
  readonly deadPeers: DeadPeerDetector;
  /** Bounds the memory of large requests. */
  readonly bodyAdmission: BodyAdmission;
  /** Bounds the requests that wait. */
  readonly waitLimit: ConcurrencyLimit;
  /** Bounds the listings of keys and queues that are streamed. */
  readonly listingLimit: ConcurrencyLimit;
  readonly timeSlicer: TimeSlicer;
  /** What this member has seen happen, and what it has measured. */
  readonly events: RecentEvents;
  readonly samples: SampleHistory;
  /** As configured: they count for members that have not registered with the cluster yet. */
  readonly members: readonly MemberAddresses[];
  readonly version: string;
}
