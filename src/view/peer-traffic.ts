import type { HistogramCounts } from '../histogram.js';

/** Between this member and one peer, since this member started. */
export interface PeerTraffic {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /**
   * Messages that were dropped, since the peer could not take them, and connections that failed.
   */
  readonly failures: number;
  /** Milliseconds from each ping to its answer. */
  readonly roundTrips: HistogramCounts;
}
