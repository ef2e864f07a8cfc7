import type { LogIndex, MemberId, Term } from '../ids.js';
import type { ImpossibleChange } from './configuration-change.js';
import type { Configuration, Entry, HardState, SnapshotMetadata } from './entry.js';

/**
 * The state and settings that a core starts with. The member chooses all of them: there are no
 * defaults.
 */
export interface RaftOptions {
  readonly id: MemberId;
  /** In use until the log or the snapshot says otherwise. */
  readonly configuration: Configuration;
  readonly hardState: HardState;
  readonly snapshot: SnapshotMetadata | undefined;
  /** Contiguous and durable; may begin before the snapshot's end. */
  readonly entries: readonly Entry[];
  /** The state machine holds everything up to here already: zero, or the snapshot's last index. */
  readonly lastApplied: LogIndex;
  /** A timeout is drawn from [electionTimeoutTicks, 2 * electionTimeoutTicks). */
  readonly electionTimeoutTicks: number;
  readonly heartbeatIntervalTicks: number;
  /** Uniform in [0, 1); seeded by the owner. */
  readonly random: () => number;
  /** Entry bytes in one AppendEntriesRequest; a single larger entry travels alone. */
  readonly appendBytesMax: number;
  /** AppendEntriesRequests on their way to one follower, not yet answered. */
  readonly inflightMax: number;
  /**
   * Entry bytes on their way to one follower, not yet answered: the next request waits once there
   * are as many. Between these two the bound follows from what the follower acknowledges.
   */
  readonly inflightBytesMin: number;
  readonly inflightBytesMax: number;
  /** Entry bytes that the leader holds uncommitted; a proposal beyond is refused. */
  readonly uncommittedBytesMax: number;
  /** Entry bytes handed out for applying in one Ready. */
  readonly committedBytesMax: number;
}

/**
 * Entries that a leader has appended. `term` names its leadership: in another term they are others.
 */
export interface Proposed {
  readonly firstIndex: LogIndex;
  /** The first so many of what was proposed; there was no room for the others. */
  readonly count: number;
  readonly term: Term;
}

/**
 * - `notLeader`: nothing was appended.
 * - `transferring`: nothing was appended; leadership is being transferred.
 * - `busy`: nothing was appended; `uncommittedBytesMax` is reached.
 */
export type ProposalRefusal = 'notLeader' | 'transferring' | 'busy';

/**
 * Why a configuration stays as it is, beside what no cluster could do ({@link ImpossibleChange}):
 * - `notLeader`: ask the leader.
 * - `transferring`: leadership is being transferred.
 * - `notReady`: the leader has not committed an entry of its own term yet, or was elected a moment
 *   ago and has not heard enough of the voters yet.
 * - `changeInProgress`: the change before it is not committed yet.
 * - `behind`: the learner is not up to date, or nothing was heard of it lately.
 * - `unsafe`: of the voters that there would be no majority answers; `missing` do not.
 */
export type ChangeRefusal =
  | {
      readonly type:
        | ImpossibleChange
        | 'notLeader'
        | 'transferring'
        | 'notReady'
        | 'changeInProgress'
        | 'behind';
    }
  | { readonly type: 'unsafe'; readonly missing: readonly MemberId[] };

/** One follower as its leader sees it, for statistics and for the simulator's checks. */
export interface PeerProgress {
  readonly id: MemberId;
  readonly state: 'probe' | 'replicate' | 'snapshot';
  readonly matchIndex: LogIndex;
  readonly nextIndex: LogIndex;
  readonly inflight: number;
  /** Entry bytes on their way, and how many may be before the next request waits. */
  readonly inflightBytes: number;
  readonly windowBytes: number;
  readonly recentlyActive: boolean;
}
