import { PendingCancels } from '../lock/pending-cancels.js';
import { withTimeout } from '../lock/with-timeout.js';
import type { Logger } from '../logger.js';
import type { Coordinator } from '../member/coordinator.js';
import { PacedLog } from '../member/paced-log.js';
import type { MemberAddresses } from '../view/member-addresses.js';
import { AuditLog, type AuditSink } from './audit-log.js';
import { Authenticator } from './authenticator.js';
import { BodyAdmission, largeBodiesBytesMax } from './body-admission.js';
import { ConcurrencyLimit } from './concurrency-limit.js';
import { DeadPeerDetector } from './dead-peer-detector.js';
import { defaultPasswordCost, type PasswordCost } from './password.js';
import type { RecentEvents } from './recent-events.js';
import { RequestCounts } from './request-counts.js';
import { Revocations } from './revocations.js';
import { Sampler } from './sampler.js';
import type { ServiceContext } from './service-context.js';
import { readTcpTable } from './tcp-table.js';
import { TimeSlicer } from './time-slicer.js';
import { WallClock } from './wall-clock.js';

export interface ServiceOptions {
  readonly coordinator: Coordinator;
  /**
   * The wall clock, in ms since 1970. Its time is shown, and decides nothing but whether a
   * certificate has expired.
   */
  readonly wallNow: () => number;
  /** As configured: they count for members that have not registered with the cluster yet. */
  readonly members: readonly MemberAddresses[];
  readonly maxWaitingRequests: number;
  readonly requestTimeoutMs: number;
  /** What V8 lets the old generation of the heap grow to. */
  readonly heapBytesMax: number;
  readonly version: string;
  /** Where each change and each refusal is told, and whether nothing changes unless it is. */
  readonly audit?: { readonly sink: AuditSink; readonly isRequired: boolean } | undefined;
  /** What the scrypt of a new password costs; by default what is right today. */
  readonly passwordCost?: PasswordCost;
  /** The member records here, too. */
  readonly events: RecentEvents;
  readonly logger: Logger;
}

/** Streamed at a time. Each keeps in memory what changes while it is sent. */
const largeListingsMax = 32;

/**
 * Streamed at a time. Each may keep one old snapshot on the disk for as long as its client reads.
 */
const backupsMax = 2;

/** The share of all large answers together in one turn of the event loop. */
const sliceMs = 5;

/** What the APIs of one member share. Each limit bounds all of them together. */
export class Service {
  readonly context: ServiceContext;
  readonly #sampler: Sampler;

  constructor(options: ServiceOptions) {
    const { coordinator, wallNow, members, requestTimeoutMs, version, events, logger } = options;
    this.#sampler = new Sampler(coordinator, events);
    this.context = {
      coordinator,
      pendingCancels: new PendingCancels(coordinator),
      requestTimeoutMs,
      wallClock: new WallClock(coordinator.clock, wallNow),
      authenticator: new Authenticator(
        coordinator,
        options.passwordCost ?? defaultPasswordCost,
        requestTimeoutMs,
        wallNow,
      ),
      audit:
        options.audit &&
        new AuditLog({ ...options.audit, wallNow, member: coordinator.status().name }),
      revocations: new Revocations(() => coordinator.state),
      deadPeers: new DeadPeerDetector(coordinator.clock, readTcpTable, logger),
      bodyAdmission: new BodyAdmission(
        coordinator.clock,
        largeBodiesBytesMax(options.heapBytesMax),
        requestTimeoutMs,
      ),
      waitLimit: new ConcurrencyLimit(options.maxWaitingRequests, 'requests wait'),
      listingLimit: new ConcurrencyLimit(
        largeListingsMax,
        'large directories and queues be listed',
      ),
      backupLimit: new ConcurrencyLimit(backupsMax, 'backups be taken'),
      timeSlicer: new TimeSlicer(sliceMs),
      requestCounts: new RequestCounts(),
      events,
      samples: this.#sampler.history,
      refusedRequests: new PacedLog(coordinator.clock, (fields) =>
        logger.warn(fields, 'requests refused'),
      ),
      members,
      version,
    };
  }

  /** To be called once the member has started. */
  start(): void {
    this.#sampler.start();
  }

  /**
   * Resolves when the queue entries of clients that are gone are removed, or after the request
   * timeout. To be called when all APIs have closed, and while the coordinator still runs.
   */
  async close(): Promise<void> {
    const { coordinator, deadPeers, pendingCancels, requestTimeoutMs, revocations } = this.context;
    deadPeers.close();
    revocations.close();
    this.#sampler.close();
    await withTimeout(
      pendingCancels.settled(),
      coordinator.clock,
      requestTimeoutMs,
      new AbortController().signal,
    );
    pendingCancels.close();
  }
}
