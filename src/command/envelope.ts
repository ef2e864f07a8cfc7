import { field, fieldSince } from '../encoding/field.js';
import { memberId } from '../encoding/id-kinds.js';
import { optional, uint } from '../encoding/kinds.js';
import { type RecordOf, recordFormat } from '../encoding/record-format.js';
import { authVersion } from './auth.js';
import type { Command } from './command.js';
import { identityFormat } from './identity.js';

/** The data of a `command` entry. */
export interface Envelope {
  readonly stamp: Stamp;
  readonly origin: Origin | undefined;
  readonly command: Command;
}

/**
 * Added by the leader that appends the entry: at `clusterTimeMs` it had applied everything up to
 * `appliedIndex`. The cluster's clock never runs faster than real time, and stands still while
 * there is no leader.
 */
export type Stamp = RecordOf<typeof stampFormat>;
export const stampFormat = recordFormat('a stamp', {
  clusterTimeMs: field(1, uint),
  appliedIndex: field(2, uint),
});

/** The sender of a command, so that a command that is sent twice takes effect once. */
export type Origin = RecordOf<typeof originFormat>;
export const originFormat = recordFormat('an origin', {
  memberId: field(1, memberId),
  boot: field(2, uint),
  /** Grows by one with each command of this boot, from 1. */
  sequence: field(3, uint),
  /** Every lower sequence is settled: its result need not be kept. */
  settledBelow: field(4, uint),
  /** The user whose client asks, while users are asked for; a guest has none. */
  identity: fieldSince(authVersion, 5, optional(identityFormat)),
});
