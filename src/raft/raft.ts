import { assert } from '../assert.js';
import { type LogIndex, logIndex, type MemberId, type Term, term } from '../ids.js';
import { failure, type Result } from '../result.js';
import { Candidate, PreCandidate } from './candidate.js';
import type { ConfigurationChange } from './configuration-change.js';
import type { Configuration, SnapshotMetadata } from './entry.js';
import { Follower } from './follower.js';
import { Leader } from './leader.js';
import type { NoTerm } from './log.js';
import type { Message } from './messages.js';
import type {
  ChangeRefusal,
  PeerProgress,
  ProposalRefusal,
  Proposed,
  RaftOptions,
} from './options.js';
import type { Ready, RoleReason, SoftState } from './ready.js';
import type { Change } from './role.js';
import { RaftState } from './state.js';
import { answerPreVote, answerVote, isProtected } from './votes.js';

/**
 * One member's consensus core: a function of its inputs, without clock, disk or network. After any
 * input the driver takes `ready()` while `hasReady()`, and reports the end of each write.
 */
export class Raft {
  readonly #state: RaftState;
  #role: Follower | PreCandidate | Candidate | Leader;
  #roleReason: RoleReason = 'started';

  constructor(options: RaftOptions) {
    assertOptions(options);
    this.#state = new RaftState(options);
    this.#role = new Follower(this.#state);
  }

  /** Advances the clock by one tick. */
  tick(): void {
    this.#state.tick();
    this.#become(this.#role.tick());
  }

  /** Handles a message. One that is late, duplicated or addressed to another member is harmless. */
  step(message: Message): void {
    if (message.to !== this.#state.id) return;
    const { currentTerm } = this.#state;
    if (message.term > currentTerm && !this.#acceptsTermOf(message)) return;
    if (message.term < currentTerm && this.#answerStaleLeader(message)) return;
    this.#dispatch(message);
  }

  /** Appends to the log if this member leads: as much of `data` as there is room for. */
  propose(data: readonly Uint8Array[]): Result<Proposed, ProposalRefusal> {
    assert(data.length > 0, 'an empty proposal');
    return this.#role instanceof Leader ? this.#role.propose(data) : failure('notLeader');
  }

  /** Appends one change of the members, which is in use from then on. */
  changeConfiguration(change: ConfigurationChange): Result<Proposed, ChangeRefusal> {
    if (!(this.#role instanceof Leader)) return failure({ type: 'notLeader' });
    return this.#role.changeConfiguration(change);
  }

  /** Why `changeConfiguration` would refuse the change now; undefined when it would not. */
  changeRefusal(change: ConfigurationChange): ChangeRefusal | undefined {
    if (!(this.#role instanceof Leader)) return { type: 'notLeader' };
    const wanted = this.#role.configurationAfter(change);
    return wanted.ok ? undefined : wanted.error;
  }

  /** Whether this member leads, and the learner may be promoted. */
  hasCaughtUp(learner: MemberId): boolean {
    return this.#role instanceof Leader && this.#role.hasCaughtUp(learner);
  }

  /**
   * Asks for a read index; the answer comes as a `ReadState` with this `context`. False when this
   * member does not lead, or hands over. A leader that steps down drops its pending reads.
   */
  readIndex(context: number): boolean {
    return this.#role instanceof Leader && this.#role.readIndex(context);
  }

  /**
   * Hands over to a voter, by default the most up-to-date one. Until it has happened, or an
   * election timeout has passed, nothing is proposed or read here. False when nothing was begun.
   */
  transferLeadership(to: MemberId | undefined): boolean {
    return this.#role instanceof Leader && this.#role.transferLeadership(to);
  }

  /**
   * Reports evidence that the peer's process is gone. If it was the leader, this member forgets it
   * and campaigns after a short random delay.
   */
  leaderLost(peer: MemberId): void {
    if (this.#state.leaderId !== peer || peer === this.#state.id) return;
    this.#state.leaderId = undefined;
    this.#state.timer.shorten();
  }

  /** Reports that messages to the peer were dropped. */
  reportUnreachable(peer: MemberId): void {
    if (this.#role instanceof Leader) this.#role.reportUnreachable(peer);
  }

  /** Reports whether the snapshot that an InstallSnapshotRequest announced reached the peer. */
  reportSnapshot(peer: MemberId, delivered: boolean): void {
    if (this.#role instanceof Leader) this.#role.reportSnapshot(peer, delivered);
  }

  /** Whether `ready()` has any output. */
  hasReady(): boolean {
    return this.#state.hasOutput || (this.#role instanceof Leader && this.#role.needsFlush);
  }

  /** Takes the pending output; each part of it is returned once. */
  ready(): Ready {
    const write = this.#state.takeWrite();
    if (this.#role instanceof Leader) this.#role.flush(write !== undefined);
    return {
      write,
      messages: this.#state.takeMessages(),
      committedEntries: this.#state.takeCommitted(),
      readStates: this.#state.takeReadStates(),
    };
  }

  /** Reports that the write with this sequence is durable. */
  persisted(sequence: number): void {
    this.#state.persisted(sequence);
    this.#become(this.#role.persisted());
  }

  /** Removes the entries before `keepFrom`; a durable snapshot covers them. */
  compact(snapshot: SnapshotMetadata, keepFrom: LogIndex): void {
    this.#state.compact(snapshot, keepFrom);
  }

  /** The metadata of a snapshot of the state machine at `index`. */
  snapshotMetadataAt(index: LogIndex): SnapshotMetadata {
    const lastIncludedTerm = this.termAt(index);
    assert(typeof lastIncludedTerm === 'number', 'the term of a snapshot is known');
    const configuration = this.configurationAt(index);
    return { lastIncludedIndex: index, lastIncludedTerm, configuration };
  }

  /**
   * The snapshot that the next write installs in place of the log. If another one was stepped, the
   * core has rejected it.
   */
  get snapshotToInstall(): SnapshotMetadata | undefined {
    return this.#state.log.replacement;
  }

  softState(): SoftState {
    const { currentTerm, leaderId, commitIndex, log } = this.#state;
    return { role: this.#role.role, currentTerm, leaderId, commitIndex, lastIndex: log.lastIndex };
  }

  /** Why it has its role, for display. */
  get roleReason(): RoleReason {
    return this.#roleReason;
  }

  /** Every other member as this leader sees it; empty when it does not lead. */
  peers(): readonly PeerProgress[] {
    return this.#role instanceof Leader ? this.#role.peers() : [];
  }

  /** The latest configuration in the log, committed or not. */
  get configuration(): Configuration {
    return this.#state.configuration;
  }

  /** Where it stands in the log, or in a snapshot; zero for the one that the core began with. */
  get configurationIndex(): LogIndex {
    return this.#state.log.configurationIndex;
  }

  /** What is known to be committed of it: nobody can take that back. */
  get committedConfiguration(): Configuration {
    return this.configurationAt(this.#state.commitIndex);
  }

  /** What was in use when the log ended at `index`, which is not compacted. */
  configurationAt(index: LogIndex): Configuration {
    return this.#state.log.configurationAt(index);
  }

  get votedFor(): MemberId | undefined {
    return this.#state.votedFor;
  }

  get firstIndex(): LogIndex {
    return this.#state.log.firstIndex;
  }

  get lastIndex(): LogIndex {
    return this.#state.log.lastIndex;
  }

  get stableIndex(): LogIndex {
    return this.#state.log.stableIndex;
  }

  /** The bytes of the entries after the commit index, in any role. */
  get uncommittedBytes(): number {
    return this.#state.uncommittedBytes;
  }

  termAt(index: LogIndex): Term | NoTerm {
    return this.#state.log.termAt(index);
  }

  /** A higher term ends every role, except in a pre-vote, whose term is only proposed. */
  #acceptsTermOf(message: Message): boolean {
    switch (message.type) {
      case 'PreVoteRequest':
        return true;
      case 'PreVoteResponse':
        if (message.voteGranted) return true;
        break;
      case 'RequestVoteRequest':
        if (!message.leadershipTransfer && isProtected(this.#state, message)) return false;
        break;
      default:
    }
    this.#state.adoptTerm(message.term);
    this.#become({ type: 'follower', leaderId: undefined, reason: 'laterTerm' });
    return true;
  }

  /**
   * Tells a leader of an earlier term about the later one, even if nobody follows this member.
   * Otherwise this member could never rejoin, since its pre-votes are refused.
   */
  #answerStaleLeader(message: Message): boolean {
    const answer = { from: this.#state.id, to: message.from, term: this.#state.currentTerm };
    const zero = logIndex(0);
    switch (message.type) {
      case 'PreVoteRequest':
      case 'RequestVoteRequest':
        return false;
      case 'AppendEntriesRequest':
        this.#state.send({
          type: 'AppendEntriesResponse',
          ...answer,
          success: false,
          prevLogIndex: message.prevLogIndex,
          matchIndex: zero,
          conflictTerm: term(0),
          conflictIndex: zero,
        });
        return true;
      case 'HeartbeatRequest':
        this.#state.send({ type: 'HeartbeatResponse', ...answer, readRound: message.readRound });
        return true;
      case 'InstallSnapshotRequest':
        this.#state.send({ type: 'InstallSnapshotResponse', ...answer, matchIndex: zero });
        return true;
      default:
        return true;
    }
  }

  #dispatch(message: Message): void {
    switch (message.type) {
      case 'PreVoteRequest':
        answerPreVote(this.#state, message, this.#role.role === 'preCandidate');
        return;
      case 'RequestVoteRequest':
        answerVote(this.#state, message);
        return;
      case 'AppendEntriesRequest':
      case 'HeartbeatRequest':
      case 'CommitNotice':
      case 'InstallSnapshotRequest':
        this.#follow(message.from);
        break;
      default:
    }
    this.#become(this.#role.step(message));
  }

  /** Only the leader of the current term sends these, so a candidate of that term has lost. */
  #follow(leaderId: MemberId): void {
    const known = this.#state.leaderId;
    assert(known === undefined || known === leaderId, 'two leaders in one term');
    if (known === undefined) {
      this.#become({ type: 'follower', leaderId, reason: 'leaderHeard' });
    }
    this.#state.timer.leaderHeard();
  }

  #become(change: Change | undefined): void {
    for (let wanted = change; wanted !== undefined; ) {
      const wasLeader = this.#role instanceof Leader;
      this.#role = this.#inRole(wanted);
      this.#roleReason = reasonOf(wanted);
      if (wasLeader) this.#state.timer.restart();
      wanted = this.#role.begin();
    }
  }

  #inRole(change: Change): Follower | PreCandidate | Candidate | Leader {
    switch (change.type) {
      case 'follower':
        this.#state.leaderId = change.leaderId;
        return new Follower(this.#state);
      case 'preCandidate':
        return new PreCandidate(this.#state);
      case 'candidate':
        return new Candidate(this.#state, change.leadershipTransfer);
      case 'leader':
        return new Leader(this.#state);
    }
  }
}

function reasonOf(change: Change): RoleReason {
  switch (change.type) {
    case 'follower':
      return change.reason;
    case 'preCandidate':
      return 'electionTimeout';
    case 'candidate':
      return change.leadershipTransfer ? 'leadershipTransfer' : 'preVoteWon';
    case 'leader':
      return 'elected';
  }
}

function assertOptions(options: RaftOptions): void {
  const { heartbeatIntervalTicks, electionTimeoutTicks } = options;
  const { inflightMax, inflightBytesMin, inflightBytesMax } = options;
  assert(heartbeatIntervalTicks >= 1, 'heartbeatIntervalTicks must be at least one');
  assert(
    electionTimeoutTicks > heartbeatIntervalTicks,
    'electionTimeoutTicks must exceed heartbeatIntervalTicks',
  );
  assert(inflightMax >= 1, 'inflightMax must be at least one');
  assert(inflightBytesMin <= inflightBytesMax, 'the window has a floor above its ceiling');
  const { voters } = options.configuration;
  assert(new Set(voters).size === voters.length, 'a voter is named twice');
}
