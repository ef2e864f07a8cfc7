import type { LogIndex, Term } from '../ids.js';

/** Where in the log an entry stands, and when this member applies it, on its own clock. */
export interface Moment {
  readonly index: LogIndex;
  readonly term: Term;
  readonly now: number;
  /** What the cluster's clock shows. The same on every member. */
  readonly clusterTimeMs: number;
}
