import type { LockHost } from '../lock/acquire.js';
import type { PacedLog } from '../member/paced-log.js';
import type { MemberAddresses } from '../view/member-addresses.js';
import type { AuditLog } from './audit-log.js';
import type { Authenticator } from './authenticator.js';
import type { BodyAdmission } from './body-admission.js';
import type { ConcurrencyLimit } from './concurrency-limit.js';
import type { DeadPeerDetector } from './dead-peer-detector.js';
import type { RecentEvents } from './recent-events.js';
import type { RequestCounts } from './request-counts.js';
import type { Revocations } from './revocations.js';
import type { SampleHistory } from './sample-history.js';
import type { TimeSlicer } from './time-slicer.js';
import type { WallClock } from './wall-clock.js';

/** What the handlers of every API of a member work with. */
export interface ServiceContext extends LockHost {
  readonly wallClock: WallClock;
  /** Tells who asks. */
  readonly authenticator: Authenticator;
  /** What ends when its user may no longer. */
  readonly revocations: Revocations;
  /** Undefined when nobody asked for one. */
  readonly audit: AuditLog | undefined;
  readonly deadPeers: DeadPeerDetector;
  /** Bounds the memory of large requests. */
  readonly bodyAdmission: BodyAdmission;
  /** Bounds the requests that wait. */
  readonly waitLimit: ConcurrencyLimit;
  /** Bounds the listings of keys and queues that are streamed. */
  readonly listingLimit: ConcurrencyLimit;
  /** Bounds the backups that are streamed. */
  readonly backupLimit: ConcurrencyLimit;
  readonly timeSlicer: TimeSlicer;
  readonly requestCounts: RequestCounts;
  /** What this member has seen happen, and what it has measured. */
  readonly events: RecentEvents;
  readonly samples: SampleHistory;
  /** Tells the log of requests that got 503. */
  readonly refusedRequests: PacedLog;
  /** As configured: they count for members that have not registered with the cluster yet. */
  readonly members: readonly MemberAddresses[];
  readonly version: string;
}
