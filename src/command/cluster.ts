import { field } from '../encoding/field.js';
import { memberId } from '../encoding/id-kinds.js';
import { list, optional, uint } from '../encoding/kinds.js';
import { type RecordOf, taggedFormat } from '../encoding/record-format.js';
import type { Alternatives } from '../encoding/union-format.js';

/** Proposed by the leader alone. */
export type ClusterCommand = RaiseClusterVersionCommand;

/**
 * From this entry on the cluster may write formats up to `version`. Has no effect unless it is a
 * rise, and every one of its members that has registered understands that version.
 */
export type RaiseClusterVersionCommand = RecordOf<typeof raiseClusterVersionFormat>;
const raiseClusterVersionFormat = taggedFormat('raiseClusterVersion', {
  version: field(1, uint),
  /** The cluster when it was proposed: others were removed, and do not count. Absent: all count. */
  members: field(2, optional(list(memberId, Object.freeze([])))),
});

/** The numbers from 64 to 79 are those of the cluster as a whole. */
export const clusterCommands = {
  raiseClusterVersion: [64, raiseClusterVersionFormat],
} as const satisfies Alternatives<ClusterCommand>;
