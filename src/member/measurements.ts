import type { HistogramCounts } from '../histogram.js';
import type { MemberId } from '../ids.js';
import type { PeerTraffic } from '../view/peer-traffic.js';

/**
 * Counters and measurements since this member started. They are for display: nothing is decided by
 * them.
 */
export interface Measurements {
  readonly appendsSent: AppendTraffic;
  readonly appendsReceived: AppendTraffic;
  /** Since this member leads; empty unless it does. */
  readonly followers: ReadonlyMap<MemberId, FollowerAnswers>;
  /** How often it has learnt of a leader, be it a new one or a new term of the same. */
  readonly leaderChanges: number;
  readonly commandsApplied: number;
  /** How often this member has asked the others for their votes, each time in a term of its own. */
  readonly campaigns: number;
  /** Applying a batch took 100 ms or more. */
  readonly slowApplies: number;
  readonly proposals: ProposalCounts;
  readonly forwarded: ForwardedCounts;
  readonly snapshots: SnapshotCounts;
  readonly durations: Durations;
  readonly traffic: ReadonlyMap<MemberId, PeerTraffic>;
}

/** The commands of this member and of its clients. */
export interface ProposalCounts {
  readonly pending: number;
  readonly pendingMax: number;
  readonly pendingBytes: number;
  readonly pendingBytesMax: number;
  /** Those that were one too many. */
  readonly refusedByCount: number;
  /** Those that were too large beside the others. */
  readonly refusedByBytes: number;
  /** All refused ones, and those that nobody confirmed in time. */
  readonly failed: number;
}

/** What followers hand to their leader. What is sent again counts again. */
export interface ForwardedCounts {
  readonly commandsSent: number;
  readonly readsSent: number;
  readonly commandsReceived: number;
  readonly readsReceived: number;
}

export interface SnapshotCounts {
  readonly taken: number;
  readonly sent: number;
  readonly notSent: number;
  readonly installed: number;
  readonly newestBytes: number;
}

/** In milliseconds, once for each batch. */
export interface Durations {
  /** A write of entries and of the term and vote, up to its end on disk. */
  readonly sync: HistogramCounts;
  /** From the start of that write until its last entry is applied here. */
  readonly commit: HistogramCounts;
  readonly apply: HistogramCounts;
}

export interface AppendTraffic {
  readonly count: number;
  /** Both are zero when there was none for a second. */
  readonly perSecond: number;
  /** Of the entries' data. */
  readonly bytesPerSecond: number;
}

/** How a follower answers AppendEntries: the time from the sending of a request to its answer. */
export interface FollowerAnswers {
  readonly answered: number;
  /** Requests that will have no answer any more: they, or their answers, were lost. */
  readonly lost: number;
  readonly latencyMs: Latency;
}

/** All zero before the first answer. */
export interface Latency {
  readonly current: number;
  readonly average: number;
  readonly standardDeviation: number;
  readonly minimum: number;
  readonly maximum: number;
}
