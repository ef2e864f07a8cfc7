import type { LogIndex, MemberId, Term } from '../ids.js';
import type { Role } from '../raft/ready.js';

/**
 * A member's status, which it sends with each answer to a ping. It is for display: nothing is
 * decided by it.
 */
export interface MemberStatus {
  readonly role: Role;
  readonly term: Term;
  readonly leaderId: MemberId | undefined;
  readonly commitIndex: LogIndex;
  readonly appliedIndex: LogIndex;
  readonly upMs: number;
  /** Undefined where it could not be measured. */
  readonly rssBytes: number | undefined;
  readonly heapUsedBytes: number;
  /** Size of its data directory, at most some seconds old; undefined while it is not known. */
  readonly diskBytes: number | undefined;
  readonly watchers: number;
  readonly version: string;
}
