import type { MemberId } from '../ids.js';

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
