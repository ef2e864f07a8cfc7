import type { LogIndex, MemberId, Term } from '../ids.js';
import type { Entry, HardState, SnapshotMetadata } from './entry.js';
import type { Message } from './messages.js';

/**
 * The output of the core. The core, not its driver, orders writes before messages: a message that
 * promises something (a vote, an acknowledgement, a new term) is held back until the `Write` that
 * makes the promise durable was reported by `Raft.persisted`. So a driver sends `messages` at once,
 * in their order, and starts `write` at the same time.
 */
export interface Ready {
  /**
   * To be made durable, whole, in one atomic step. Undefined while an earlier one is in progress.
   */
  readonly write: Write | undefined;
  readonly messages: readonly Message[];
  /** Committed, durable here, and never handed out before; in order, without a gap. */
  readonly committedEntries: readonly Entry[];
  /** Read requests whose read index is known; serve each once `lastApplied >= readIndex`. */
  readonly readStates: readonly ReadState[];
}

/**
 * At most one is in progress. It ends with `Raft.persisted`, or with the end of the process. There
 * is a write only for a new term, vote, entry or snapshot, so each one is synced; a commit index
 * that moved alone waits for the next, since it may be lost.
 */
export interface Write {
  /** Grows by one per write; names the write in `Raft.persisted`. */
  readonly sequence: number;
  readonly hardState: HardState;
  /** The log is to be truncated from `entries[0].index` on before they are appended. */
  readonly entries: readonly Entry[];
  /** Replaces the whole log, before `entries` are appended. Its bytes are in storage already. */
  readonly snapshot: SnapshotMetadata | undefined;
}

export interface ReadState {
  /** The driver's name for the request, from `Raft.readIndex`. */
  readonly context: number;
  readonly readIndex: LogIndex;
}

export type Role = 'follower' | 'preCandidate' | 'candidate' | 'leader';

/**
 * Why a member has its role, for display:
 * - `started`: it is a follower since its start.
 * - `laterTerm`: a message of a later term came.
 * - `leaderHeard`: another member leads in its term.
 * - `quorumSilent`: it led, and no majority has answered it for an election timeout.
 * - `writeStalled`: it led, and its disk has been busy with one write for an election timeout.
 * - `electionLost`: a majority refused it its vote.
 * - `electionTimeout`: it has heard from no leader for an election timeout, or has lost its leader.
 * - `preVoteWon`: a majority would vote for it.
 * - `leadershipTransfer`: the leader has handed over to it.
 * - `elected`: a majority has voted for it.
 * - `removed`: it led until its own removal was committed.
 */
export type RoleReason =
  | 'started'
  | 'laterTerm'
  | 'leaderHeard'
  | 'quorumSilent'
  | 'writeStalled'
  | 'electionLost'
  | 'electionTimeout'
  | 'preVoteWon'
  | 'leadershipTransfer'
  | 'elected'
  | 'removed';

/** State that is not durable, for the driver's decisions and for display. */
export interface SoftState {
  readonly role: Role;
  readonly currentTerm: Term;
  readonly leaderId: MemberId | undefined;
  readonly commitIndex: LogIndex;
  readonly lastIndex: LogIndex;
}
