import { field } from '../encoding/field.js';
import { uint } from '../encoding/kinds.js';
import { type RecordOf, recordFormat } from '../encoding/record-format.js';
import type { Command } from './command.js';
import { memberId } from './kinds.js';

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
export type Stamp = RecordOf<typeof stampFormat>;
export const stampFormat = recordFormat('a stamp', {
  clusterTimeMs: field(1, uint),
  appliedIndex: field(2, uint),
});

/** Who asked, so that a command that is sent twice has one effect. Undefined for a leader's own. */
export type Origin = RecordOf<typeof originFormat>;
export const originFormat = recordFormat('an origin', {
  memberId: field(1, memberId),
  boot: field(2, uint),
  /** Grows by one per command of this boot, from 1. */
  sequence: field(3, uint),
  /** Every lower sequence is settled: its result need not be remembered. */
  settledBelow: field(4, uint),
});
