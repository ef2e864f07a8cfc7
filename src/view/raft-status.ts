import type { LogIndex, MemberId, Term } from '../ids.js';
import type { Role } from '../raft/ready.js';

/** Where this member stands in the cluster, from its Raft core (in etcd/raft, `Status`). */
export interface RaftStatus {
  readonly clusterId: string;
  readonly memberId: MemberId;
  readonly name: string;
  readonly role: Role;
  readonly leaderId: MemberId | undefined;
  readonly currentTerm: Term;
  /** Of its log. What lies before it is in its newest snapshot only. */
  readonly firstIndex: LogIndex;
  readonly commitIndex: LogIndex;
  readonly appliedIndex: LogIndex;
  /** On the member's clock: since when it has known `leaderId`. */
  readonly leaderSince: number;
  readonly startedAt: number;
}
