import { memoryUsage } from 'node:process';
import { getHeapStatistics } from 'node:v8';
import type { MemberStatus } from '../view/member-status.js';
import type { Coordinator } from './coordinator.js';

/** A member's status, for its peers and its own clients. */
export function ownStatus(
  coordinator: Pick<Coordinator, 'clock' | 'state' | 'status'>,
  version: string,
  diskBytes: number | undefined,
): MemberStatus {
  const { role, currentTerm, leaderId, commitIndex, appliedIndex, startedAt } =
    coordinator.status();
  return {
    role,
    term: currentTerm,
    leaderId,
    commitIndex,
    appliedIndex,
    upMs: coordinator.clock.now() - startedAt,
    rssBytes: residentBytes(),
    heapUsedBytes: getHeapStatistics().used_heap_size,
    diskBytes,
    watchers: coordinator.state.keys.statistics().watchers,
    version,
  };
}

/** Node reads a file of the system for it, which fails when no descriptor is left. */
function residentBytes(): number | undefined {
  try {
    return memoryUsage.rss();
  } catch {
    return undefined;
  }
}
