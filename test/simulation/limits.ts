import type { MemberLimits } from '../../src/member/options.js';
import type { FaultPlan } from './faults.js';

const tickMs = 25;
/** So that a snapshot takes some steps, small as the state is. */
const snapshotChunkBytes = 2048;
/** So that a snapshot is taken in the plan's rhythm, also when the state outgrows the log. */
const usualEntryBytes = 60;

export function limitsOf(plan: FaultPlan): Partial<MemberLimits> {
  const { snapshotCount, trailingEntries, appendBytesMax, inflightMax, committedBytesMax } = plan;
  return {
    tickMs,
    snapshotCount,
    snapshotLogBytesMax: snapshotCount * usualEntryBytes,
    snapshotChunkBytes,
    trailingEntries,
    // None in a third of all runs, so that followers need snapshots often enough.
    catchUpEntriesMax: 4 * trailingEntries,
    appendBytesMax,
    inflightMax,
    committedBytesMax,
  };
}
