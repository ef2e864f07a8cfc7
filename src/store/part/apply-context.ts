import type { LogIndex, Term } from '../../ids.js';

/** The position of an entry in the log, and the time at which this member applies it. */
export interface ApplyContext {
  readonly index: LogIndex;
  readonly term: Term;
  /** On this member's clock. */
  readonly now: number;
  /** On the cluster's clock. The same on every member. */
  readonly clusterTimeMs: number;
}
