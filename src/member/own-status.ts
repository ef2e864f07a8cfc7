import { memoryUsage } from 'node:process';
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
    watchers: coordinator.state.keys.statistics().watchers,
    version,
  };
}
