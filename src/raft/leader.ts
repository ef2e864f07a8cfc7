import { assert, assertNever } from '../assert.js';
import { type LogIndex, type MemberId, next } from '../ids.js';
import { failure, ok, type Result } from '../result.js';
import { encodeConfiguration } from './configuration.js';
import { type ConfigurationChange, changed } from './configuration-change.js';
import { nextAfterConflict } from './conflict.js';
import type { Configuration, EntryType } from './entry.js';
import { Followers } from './followers.js';
import { entryBytes } from './log.js';
import type {
  AppendEntriesResponse,
  HeartbeatResponse,
  InstallSnapshotResponse,
  Message,
} from './messages.js';
import type { ChangeRefusal, PeerProgress, ProposalRefusal, Proposed } from './options.js';
import type { Progress } from './progress.js';
import { hasMajority } from './quorum.js';
import { ReadOnly } from './read-only.js';
import type { RoleReason } from './ready.js';
import { Replication } from './replication.js';
import type { Change, RoleBehaviour } from './role.js';
import type { RaftState } from './state.js';

const noData = new Uint8Array(0);

interface Transfer {
  readonly target: MemberId;
  readonly startedTick: number;
}

/** Raft, section 5.3. Messages to the followers are built once per Ready, in `flush`. */
export class Leader implements RoleBehaviour {
  readonly role = 'leader';
  readonly #state: RaftState;
  readonly #followers: Followers;
  readonly #replication: Replication;
  readonly #readOnly = new ReadOnly();
  #transfer: Transfer | undefined;
  #needsFlush = true;

  constructor(state: RaftState) {
    this.#state = state;
    this.#followers = new Followers(state);
    this.#replication = new Replication(state, this.#followers);
  }

  begin(): undefined {
    this.#state.leaderId = this.#state.id;
    // Entries of earlier terms are committed only together with one of this term (section 5.4.2).
    this.#append('noop', noData);
    return undefined;
  }

  tick(): Change | undefined {
    this.#followers.tick();
    if (this.#state.writeIsStalled) return stepDown('writeStalled');
    if (!this.#followers.hearQuorum()) return stepDown('quorumSilent');
    this.#abandonTransferWhenLate();
    if (this.#replication.tick()) this.#needsFlush = true;
    const { heartbeatIntervalTicks } = this.#state.options;
    if (this.#followers.ticks % heartbeatIntervalTicks === 0) this.#heartbeat();
    return undefined;
  }

  step(message: Message): Change | undefined {
    switch (message.type) {
      case 'AppendEntriesResponse':
        this.#onAppendEntriesResponse(message);
        return this.#leaveIfRemoved();
      case 'HeartbeatResponse':
        this.#onHeartbeatResponse(message);
        return undefined;
      case 'InstallSnapshotResponse':
        this.#onInstallSnapshotResponse(message);
        return this.#leaveIfRemoved();
      case 'AppendEntriesRequest':
      case 'HeartbeatRequest':
      case 'CommitNotice':
      case 'InstallSnapshotRequest':
      case 'PreVoteRequest':
      case 'PreVoteResponse':
      case 'RequestVoteRequest':
      case 'RequestVoteResponse':
      case 'TimeoutNowRequest':
        return undefined;
      default:
        return assertNever(message);
    }
  }

  /** The leader counts itself once its own write ends; its followers may have been faster. */
  persisted(): Change | undefined {
    this.#advanceCommit();
    return this.#leaveIfRemoved();
  }

  /** Appends as many as there is room for, in their order. */
  propose(data: readonly Uint8Array[]): Result<Proposed, ProposalRefusal> {
    if (this.#transfer !== undefined) return failure('transferring');
    const { log, currentTerm } = this.#state;
    const firstIndex = next(log.lastIndex);
    let count = 0;
    for (const item of data) {
      if (!this.#hasRoomFor(item)) break;
      this.#append('command', item);
      count += 1;
    }
    return count > 0 ? ok({ firstIndex, count, term: currentTerm }) : failure('busy');
  }

  /** With nothing uncommitted there is room for any, or a large one would be refused for ever. */
  #hasRoomFor(item: Uint8Array): boolean {
    const { uncommittedBytes, options } = this.#state;
    const bytes = uncommittedBytes + entryBytes(item);
    return uncommittedBytes === 0 || bytes <= options.uncommittedBytesMax;
  }

  /**
   * Thesis, section 4.1. A change waits for the one before it, and for an entry of this leader's
   * own term: until then a change of an earlier leader may still win, and the majorities of that
   * one and of this one need have nobody in common.
   */
  changeConfiguration(change: ConfigurationChange): Result<Proposed, ChangeRefusal> {
    const wanted = this.configurationAfter(change);
    if (!wanted.ok) return wanted;
    const { log, currentTerm } = this.#state;
    this.#append('configuration', encodeConfiguration(wanted.value));
    this.#followers.follow();
    // What stands on too few of the old voters may stand on enough of the new ones.
    this.#advanceCommit();
    return ok({ firstIndex: log.lastIndex, count: 1, term: currentTerm });
  }

  /** What `changeConfiguration` would make of the configuration, or why it would not. */
  configurationAfter(change: ConfigurationChange): Result<Configuration, ChangeRefusal> {
    const { log, commitIndex, committedInOwnTerm, configuration } = this.#state;
    if (this.#transfer !== undefined) return failure({ type: 'transferring' });
    if (!committedInOwnTerm) return failure({ type: 'notReady' });
    if (log.configurationIndex > commitIndex) return failure({ type: 'changeInProgress' });
    const wanted = changed(configuration, change);
    if (!wanted.ok) return failure({ type: wanted.error });
    if (change.type === 'promote' && !this.#followers.hasCaughtUp(change.member)) {
      return failure({ type: 'behind' });
    }
    const { voters } = wanted.value;
    const missing = this.#followers.silentAmong(voters);
    if (!hasMajority(voters, (voter) => !missing.includes(voter))) {
      const { haveHadTime } = this.#followers;
      return failure(haveHadTime ? { type: 'unsafe', missing } : { type: 'notReady' });
    }
    return ok(wanted.value);
  }

  readIndex(context: number): boolean {
    if (this.#transfer !== undefined) return false;
    this.#readOnly.add(context);
    this.#needsFlush = true;
    return true;
  }

  /** Thesis, section 3.10. */
  transferLeadership(to: MemberId | undefined): boolean {
    const { id, configuration } = this.#state;
    const target = to ?? this.#followers.mostUpToDate();
    if (target === undefined || target === id || !configuration.voters.includes(target)) {
      return false;
    }
    if (this.#transfer?.target === target) return true;
    this.#transfer = { target, startedTick: this.#followers.ticks };
    this.#continueTransfer();
    return true;
  }

  reportUnreachable(peer: MemberId): void {
    this.#followers.get(peer)?.unreachable();
    this.#needsFlush = true;
  }

  reportSnapshot(peer: MemberId, delivered: boolean): void {
    this.#followers.get(peer)?.snapshotReported(delivered);
    this.#needsFlush = true;
  }

  peers(): readonly PeerProgress[] {
    return this.#followers.describe();
  }

  /** Whether a learner may be promoted. */
  hasCaughtUp(learner: MemberId): boolean {
    return this.#followers.hasCaughtUp(learner);
  }

  get needsFlush(): boolean {
    return this.#needsFlush;
  }

  /**
   * Builds the messages to the followers, once per Ready.
   * @param writeBegins entries that have waited for that are due.
   */
  flush(writeBegins: boolean): void {
    if (!this.#needsFlush && !writeBegins) return;
    this.#needsFlush = false;
    if (!this.#readOnly.isOpen) this.#beginReadRound();
    this.#replication.flush();
  }

  #append(type: EntryType, data: Uint8Array): void {
    const { log, currentTerm } = this.#state;
    const entry = { index: next(log.lastIndex), term: currentTerm, type, data };
    log.append(entry);
    this.#needsFlush = true;
  }

  #onAppendEntriesResponse(response: AppendEntriesResponse): void {
    const progress = this.#followers.heardFrom(response.from);
    if (progress === undefined) return;
    this.#needsFlush = true;
    if (response.success) this.#matched(progress, response.matchIndex);
    else progress.refused(response.prevLogIndex, nextAfterConflict(this.#state.log, response));
  }

  #onInstallSnapshotResponse(response: InstallSnapshotResponse): void {
    const progress = this.#followers.heardFrom(response.from);
    if (progress === undefined) return;
    this.#needsFlush = true;
    this.#matched(progress, response.matchIndex);
  }

  #onHeartbeatResponse(response: HeartbeatResponse): void {
    const progress = this.#followers.heardFrom(response.from);
    if (progress === undefined) return;
    this.#needsFlush = true;
    progress.heartbeatAnswered(response.readRound);
    this.#confirmReads();
    // The request to campaign may have been lost; a second one does no harm.
    this.#continueTransfer();
  }

  #matched(progress: Progress, matchIndex: LogIndex): void {
    const { log } = this.#state;
    assert(matchIndex <= log.lastIndex, 'a follower acknowledged what was never sent');
    if (!progress.matched(matchIndex, log.firstIndex)) return;
    this.#advanceCommit();
    this.#continueTransfer();
  }

  /** Only entries of the own term are committed by counting (Raft, section 5.4.2). */
  #advanceCommit(): void {
    const { log, commitIndex, currentTerm } = this.#state;
    const reached = this.#followers.matchedByMajority();
    if (reached <= commitIndex || !log.matches(reached, currentTerm)) return;
    this.#state.commitTo(reached);
    this.#needsFlush = true;
  }

  /**
   * A leader that is no voter any more has led until here, since its removal could be committed by
   * nobody else. Now it tells the others of the commit, and who is to follow it (thesis, section
   * 4.2.2).
   */
  #leaveIfRemoved(): Change | undefined {
    const { id, log, configuration, commitIndex } = this.#state;
    if (configuration.voters.includes(id) || log.configurationIndex > commitIndex) return undefined;
    this.#replication.sendCommits();
    const successor = this.#followers.mostUpToDate();
    if (successor !== undefined) this.#askToCampaign(successor);
    return stepDown('removed');
  }

  #heartbeat(): void {
    for (const progress of this.#followers.all) progress.beat();
    // A lost heartbeat must not delay later reads, so a due heartbeat starts their round at once.
    if (!this.#beginReadRound()) this.#replication.sendHeartbeats(this.#readOnly.round);
    this.#needsFlush = true;
  }

  /** Before its first commit a new leader does not know how far the cluster had committed. */
  #beginReadRound(): boolean {
    if (!this.#readOnly.isWaiting || !this.#state.committedInOwnTerm) return false;
    this.#readOnly.begin(this.#state.commitIndex);
    this.#replication.sendHeartbeats(this.#readOnly.round);
    this.#confirmReads();
    return true;
  }

  #confirmReads(): void {
    if (!this.#readOnly.isOpen) return;
    const round = this.#followers.roundOfMajority(this.#readOnly.round);
    for (const readState of this.#readOnly.confirm(round)) this.#state.addReadState(readState);
  }

  #continueTransfer(): void {
    if (this.#transfer === undefined) return;
    const { target } = this.#transfer;
    if (this.#followers.get(target)?.matchIndex !== this.#state.log.lastIndex) return;
    this.#askToCampaign(target);
  }

  #askToCampaign(to: MemberId): void {
    const { id: from, currentTerm: term } = this.#state;
    this.#state.send({ type: 'TimeoutNowRequest', from, to, term });
  }

  #abandonTransferWhenLate(): void {
    if (this.#transfer === undefined) return;
    const ticks = this.#followers.ticks - this.#transfer.startedTick;
    if (ticks >= this.#state.options.electionTimeoutTicks) this.#transfer = undefined;
  }
}

function stepDown(
  reason: Extract<RoleReason, 'writeStalled' | 'quorumSilent' | 'removed'>,
): Change {
  return { type: 'follower', leaderId: undefined, reason };
}
