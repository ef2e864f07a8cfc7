import type { MemberId } from '../ids.js';
import type { Command } from './command.js';

/** The data of a `command` entry. */
export interface Envelope {
  readonly stamp: Stamp;
  readonly origin: Origin | undefined;
  readonly command: Command;
}

/**
 * Put on each entry by the leader that appends it: when its clock showed `clusterTimeMs`, it had
 * applied everything up to `appliedIndex`. The cluster's clock never runs faster than real time, and stands
 * still while nobody leads.
 */
export interface Stamp {
  readonly clusterTimeMs: number;
  readonly appliedIndex: number;
}

/** Who asked, so that a command that is sent twice has one effect. Undefined for a leader's own. */
export interface Origin {
  readonly memberId: MemberId;
  readonly boot: number;
  /** Grows by one per command of this boot, from 1. */
  readonly sequence: number;
  /** Every lower sequence is settled: its result need not be remembered. */
  readonly settledBelow: number;
}
