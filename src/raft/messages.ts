import type { LogIndex, MemberId, Term } from '../ids.js';
import type { Entry, SnapshotMetadata } from './entry.js';

/**
 * The messages between the cores of two members. `term` is the sender's current term, except in a
 * pre-vote, where it is the term that the sender would campaign in.
 */
export type Message =
  | PreVoteRequest
  | PreVoteResponse
  | RequestVoteRequest
  | RequestVoteResponse
  | AppendEntriesRequest
  | AppendEntriesResponse
  | HeartbeatRequest
  | HeartbeatResponse
  | CommitNotice
  | InstallSnapshotRequest
  | InstallSnapshotResponse
  | TimeoutNowRequest;

interface Addressed {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly term: Term;
}

/** Ongaro's thesis, section 9.6. Changes nothing at the receiver. */
export interface PreVoteRequest extends Addressed {
  readonly type: 'PreVoteRequest';
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
}

/** `term` is the request's when granted, the voter's own when refused. */
export interface PreVoteResponse extends Addressed {
  readonly type: 'PreVoteResponse';
  readonly voteGranted: boolean;
}

export interface RequestVoteRequest extends Addressed {
  readonly type: 'RequestVoteRequest';
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
  /** The leader itself asked for this election, so voters do not protect that leader. */
  readonly leadershipTransfer: boolean;
}

export interface RequestVoteResponse extends Addressed {
  readonly type: 'RequestVoteResponse';
  readonly voteGranted: boolean;
}

export interface AppendEntriesRequest extends Addressed {
  readonly type: 'AppendEntriesRequest';
  readonly prevLogIndex: LogIndex;
  readonly prevLogTerm: Term;
  readonly entries: readonly Entry[];
  readonly leaderCommit: LogIndex;
}

export interface AppendEntriesResponse extends Addressed {
  readonly type: 'AppendEntriesResponse';
  readonly success: boolean;
  /** `prevLogIndex` of the request that is answered, so that late answers are told apart. */
  readonly prevLogIndex: LogIndex;
  /** On success: `prevLogIndex` plus the number of entries. Otherwise zero. */
  readonly matchIndex: LogIndex;
  /** On failure: the term at `prevLogIndex` in the follower's log; zero if its log is shorter. */
  readonly conflictTerm: Term;
  /** On failure: the first index of `conflictTerm`, or one past the follower's last index. */
  readonly conflictIndex: LogIndex;
}

/**
 * Keeps followers quiet, and confirms read rounds. Carries no log position, so it repairs nothing.
 */
export interface HeartbeatRequest extends Addressed {
  readonly type: 'HeartbeatRequest';
  /** min(matchIndex of the receiver, the leader's commitIndex). */
  readonly leaderCommit: LogIndex;
  /** The newest read round that awaits confirmation; grows by one per round within a term. */
  readonly readRound: number;
}

export interface HeartbeatResponse extends Addressed {
  readonly type: 'HeartbeatResponse';
  readonly readRound: number;
}

/**
 * Tells a follower that has nothing else to be sent how far it may apply. It is not answered: if it
 * is lost, the next heartbeat says the same.
 */
export interface CommitNotice extends Addressed {
  readonly type: 'CommitNotice';
  /** As in a heartbeat. */
  readonly leaderCommit: LogIndex;
}

/** Announces a snapshot; its bytes travel beside the messages, in chunks of the transport's. */
export interface InstallSnapshotRequest extends Addressed {
  readonly type: 'InstallSnapshotRequest';
  readonly snapshot: SnapshotMetadata;
}

/** The follower's log now reaches `matchIndex`, by the snapshot or because it was ahead already. */
export interface InstallSnapshotResponse extends Addressed {
  readonly type: 'InstallSnapshotResponse';
  readonly matchIndex: LogIndex;
}

/** Leadership transfer (thesis, section 3.10): campaign at once, without a pre-vote. */
export interface TimeoutNowRequest extends Addressed {
  readonly type: 'TimeoutNowRequest';
}
