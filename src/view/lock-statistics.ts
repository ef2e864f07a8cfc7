import type { LockSpace } from '../command/lock-path.js';
import type { HistogramCounts } from '../histogram.js';

/**
 * Counts of all locks, or of all elections, since this member started: every member counts what it
 * applies, that of the others too. Nobody is counted by name.
 */
export interface LockStatistics {
  readonly space: LockSpace;
  /** Acquires that held at once, that had to wait, and that a held lock refused. */
  readonly acquires: Readonly<Record<AcquireResult, number>>;
  /** How many ceased to hold, by the reason. */
  readonly ended: Readonly<Record<HoldEnd, number>>;
  /** Those who waited, and whose TTL ended before they held. */
  readonly expiredWaiters: number;
  /** Milliseconds on the cluster's clock, from the place in the queue to the grant. */
  readonly waits: HistogramCounts;
  /** Milliseconds on the cluster's clock, from the grant to the end. */
  readonly holds: HistogramCounts;
}

export type AcquireResult = 'held' | 'waits' | 'refused';
export type HoldEnd = 'released' | 'expired' | 'forced';
