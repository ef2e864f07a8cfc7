import { memoryUsage } from 'node:process';
import type { MemberReport } from '../transport/member-report.js';
import type { Coordinator } from './coordinator.js';

/** What this member tells of itself, to its peers and to those who ask it about the cluster. */
export function selfReport(
  coordinator: Coordinator,
  version: string,
  diskBytes: number | undefined,
): MemberReport {
  const { role, currentTerm, leaderId, commitIndex, appliedIndex, startedAt } =
    coordinator.status();
  const { rss, heapUsed } = memoryUsage();
  return {
    role,
    term: currentTerm,
    leaderId,
    commitIndex,
    appliedIndex,
    upMs: coordinator.clock.now() - startedAt,
    rssBytes: rss,
    heapUsedBytes: heapUsed,
    diskBytes,
    watchers: coordinator.state.statistics().watchers,
    version,
  };
}
