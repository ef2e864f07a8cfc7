import { type LogIndex, next } from '../ids.js';
import type { Log } from './log.js';
import type { AppendEntriesResponse } from './messages.js';

/**
 * Where a leader with this log tries next after a refusal (Raft, end of section 5.3). All entries
 * of the conflicting term are skipped at once: behind the leader's last entry of that term, or
 * before the follower's first.
 */
export function nextAfterConflict(log: Log, response: AppendEntriesResponse): LogIndex {
  const { conflictTerm, conflictIndex, prevLogIndex } = response;
  if (conflictTerm === 0) return conflictIndex;
  const candidate = log.lastAtMost(conflictTerm, prevLogIndex);
  const after = next(candidate);
  if (log.matches(candidate, conflictTerm) || after < conflictIndex) return after;
  return conflictIndex;
}
