import { assert, assertNever } from '../assert.js';
import { type LogIndex, logIndex, type MemberId, next, previous } from '../ids.js';
import { failure, ok, type Result } from '../result.js';
import { nextAfterConflict } from './conflict.js';
import type { Entry, EntryType } from './entry.js';
import { entryBytes } from './log.js';
import type {
  AppendEntriesResponse,
  HeartbeatResponse,
  InstallSnapshotResponse,
  Message,
} from './messages.js';
import type { PeerProgress, ProposalRefusal, Proposed } from './options.js';
import { Progress } from './progress.js';
import { hasMajority, reachedByMajority } from './quorum.js';
import { ReadOnly } from './read-only.js';
import type { RoleReason } from './ready.js';
import type { Change, RoleBehaviour } from './role.js';
import type { RaftState } from './state.js';

const noData = new Uint8Array(0);
const nothing: Slice = { entries: [], bytes: 0 };

interface Transfer {
  readonly target: MemberId;
  readonly startedTick: number;
}

/** Raft, section 5.3. Messages to the followers are built once per Ready, in `flush`. */
export class Leader implements RoleBehaviour {
  readonly role = 'leader';
  readonly #state: RaftState;
  readonly #progress = new Map<MemberId, Progress>();
  readonly #readOnly = new ReadOnly();
  #transfer: Transfer | undefined;
  /** Ticks since the election. */
  #ticks = 0;
  #needsFlush = true;

  constructor(state: RaftState) {
    this.#state = state;
  }

  begin(): undefined {
    const { id, log, configuration, options } = this.#state;
    this.#state.leaderId = id;
    for (const peer of [...configuration.voters, ...configuration.learners]) {
      if (peer === id) continue;
      this.#progress.set(peer, new Progress(peer, next(log.lastIndex), options));
    }
    // Entries of earlier terms are committed only together with one of this term (section 5.4.2).
    this.#append('noop', noData);
    return undefined;
  }

  tick(): Change | undefined {
    this.#ticks += 1;
    if (this.#state.writeIsStalled) return stepDown('writeStalled');
    if (!this.#hearsQuorum()) return stepDown('quorumSilent');
    this.#abandonTransferWhenLate();
    if (this.#ticks % this.#state.options.heartbeatIntervalTicks === 0) this.#heartbeat();
    return undefined;
  }

  step(message: Message): undefined {
    switch (message.type) {
      case 'AppendEntriesResponse':
        this.#onAppendEntriesResponse(message);
        return;
      case 'HeartbeatResponse':
        this.#onHeartbeatResponse(message);
        return;
      case 'InstallSnapshotResponse':
        this.#onInstallSnapshotResponse(message);
        return;
      case 'AppendEntriesRequest':
      case 'HeartbeatRequest':
      case 'CommitNotice':
      case 'InstallSnapshotRequest':
      case 'PreVoteRequest':
      case 'PreVoteResponse':
      case 'RequestVoteRequest':
      case 'RequestVoteResponse':
      case 'TimeoutNowRequest':
        return;
      default:
        assertNever(message);
    }
  }

  /** The leader counts itself once its own write ends; its followers may have been faster. */
  persisted(): undefined {
    this.#advanceCommit();
    return undefined;
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

  readIndex(context: number): boolean {
    if (this.#transfer !== undefined) return false;
    this.#readOnly.add(context);
    this.#needsFlush = true;
    return true;
  }

  /** Thesis, section 3.10. */
  transferLeadership(to: MemberId | undefined): boolean {
    const { voters } = this.#state.configuration;
    const target = to ?? this.#mostUpToDate();
    if (target === undefined || !voters.includes(target) || !this.#progress.has(target)) {
      return false;
    }
    if (this.#transfer?.target === target) return true;
    this.#transfer = { target, startedTick: this.#ticks };
    this.#continueTransfer();
    return true;
  }

  reportUnreachable(peer: MemberId): void {
    this.#progress.get(peer)?.unreachable();
    this.#needsFlush = true;
  }

  reportSnapshot(peer: MemberId, delivered: boolean): void {
    this.#progress.get(peer)?.snapshotReported(delivered);
    this.#needsFlush = true;
  }

  peers(): readonly PeerProgress[] {
    const since = this.#activitySince();
    return Array.from(this.#progress.values(), (progress) => progress.describe(since));
  }

  get needsFlush(): boolean {
    return this.#needsFlush;
  }

  /** Builds the messages to the followers, once per Ready. */
  flush(): void {
    if (!this.#needsFlush) return;
    this.#needsFlush = false;
    if (!this.#readOnly.isOpen) this.#beginReadRound();
    const slices: Slices = new Map();
    for (const progress of this.#progress.values()) this.#replicate(progress, slices);
  }

  #append(type: EntryType, data: Uint8Array): void {
    const { log, currentTerm } = this.#state;
    const entry = { index: next(log.lastIndex), term: currentTerm, type, data };
    log.append(entry);
    this.#needsFlush = true;
  }

  #replicate(progress: Progress, slices: Slices): void {
    const { log, commitIndex } = this.#state;
    for (;;) {
      const due = progress.due(log.lastIndex, commitIndex);
      if (due === 'none') return;
      if (due === 'commit') {
        this.#sendCommit(progress);
        return;
      }
      const prevLogTerm = log.termAt(previous(progress.nextIndex));
      if (typeof prevLogTerm !== 'number') {
        this.#sendSnapshot(progress);
        return;
      }
      const { entries, bytes } =
        due === 'entries' ? this.#slice(progress.nextIndex, slices) : nothing;
      const prevLogIndex = previous(progress.nextIndex);
      progress.appendSent(logIndex(prevLogIndex + entries.length), bytes, commitIndex);
      this.#state.send({
        type: 'AppendEntriesRequest',
        ...this.#addressedTo(progress.id),
        prevLogIndex,
        prevLogTerm,
        entries,
        leaderCommit: commitIndex,
      });
    }
  }

  /**
   * Followers with the same `nextIndex` share one array, so that a transport may encode it once.
   */
  #slice(from: LogIndex, slices: Slices): Slice {
    const known = slices.get(from);
    if (known !== undefined) return known;
    const { log, options } = this.#state;
    const entries = log.slice(from, log.lastIndex, options.appendBytesMax);
    const before = previous(from);
    const bytes = log.bytesBetween(before, logIndex(before + entries.length));
    const slice = { entries, bytes };
    slices.set(from, slice);
    return slice;
  }

  #sendCommit(progress: Progress): void {
    const leaderCommit = this.#tellCommit(progress);
    this.#state.send({ type: 'CommitNotice', ...this.#addressedTo(progress.id), leaderCommit });
  }

  /**
   * What it has acknowledged in this term can't be truncated there any more, so it may commit that
   * without a look at its log.
   */
  #tellCommit(progress: Progress): LogIndex {
    const index = logIndex(Math.min(progress.matchIndex, this.#state.commitIndex));
    progress.commitSent(index);
    return index;
  }

  #sendSnapshot(progress: Progress): void {
    const { snapshot } = this.#state;
    assert(snapshot !== undefined, 'entries are compacted only under a snapshot');
    // A snapshot is expensive, so it goes only to a follower that was active recently.
    if (!progress.activeSince(this.#activitySince())) return;
    progress.snapshotSent(snapshot.lastIncludedIndex);
    this.#state.send({
      type: 'InstallSnapshotRequest',
      ...this.#addressedTo(progress.id),
      snapshot,
    });
  }

  #onAppendEntriesResponse(response: AppendEntriesResponse): void {
    const progress = this.#heardFrom(response.from);
    if (progress === undefined) return;
    this.#needsFlush = true;
    if (response.success) this.#matched(progress, response.matchIndex);
    else progress.refused(response.prevLogIndex, nextAfterConflict(this.#state.log, response));
  }

  #onInstallSnapshotResponse(response: InstallSnapshotResponse): void {
    const progress = this.#heardFrom(response.from);
    if (progress === undefined) return;
    this.#needsFlush = true;
    this.#matched(progress, response.matchIndex);
  }

  #onHeartbeatResponse(response: HeartbeatResponse): void {
    const progress = this.#heardFrom(response.from);
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
    const { log, commitIndex, currentTerm, configuration } = this.#state;
    const reached = reachedByMajority(configuration.voters.map((voter) => this.#reached(voter)));
    if (reached <= commitIndex || !log.matches(logIndex(reached), currentTerm)) return;
    this.#state.commitTo(logIndex(reached));
    this.#needsFlush = true;
  }

  #reached(voter: MemberId): number {
    if (voter === this.#state.id) return this.#state.log.stableIndex;
    return this.#progress.get(voter)?.matchIndex ?? 0;
  }

  #heartbeat(): void {
    for (const progress of this.#progress.values()) progress.beat();
    // A lost heartbeat must not delay later reads, so a due heartbeat starts their round at once.
    if (!this.#beginReadRound()) this.#broadcastHeartbeat();
    this.#needsFlush = true;
  }

  #broadcastHeartbeat(): void {
    for (const progress of this.#progress.values()) this.#sendHeartbeat(progress);
  }

  #sendHeartbeat(progress: Progress): void {
    this.#state.send({
      type: 'HeartbeatRequest',
      ...this.#addressedTo(progress.id),
      leaderCommit: this.#tellCommit(progress),
      readRound: this.#readOnly.round,
    });
  }

  /** Before its first commit a new leader does not know how far the cluster had committed. */
  #beginReadRound(): boolean {
    if (!this.#readOnly.isWaiting || !this.#state.committedInOwnTerm) return false;
    this.#readOnly.begin(this.#state.commitIndex);
    this.#broadcastHeartbeat();
    this.#confirmReads();
    return true;
  }

  #confirmReads(): void {
    if (!this.#readOnly.isOpen) return;
    const rounds = this.#state.configuration.voters.map((voter) =>
      voter === this.#state.id ? this.#readOnly.round : (this.#progress.get(voter)?.readRound ?? 0),
    );
    for (const readState of this.#readOnly.confirm(reachedByMajority(rounds))) {
      this.#state.addReadState(readState);
    }
  }

  /** CheckQuorum (thesis, section 6.2): a leader that lost its quorum steps down. */
  #hearsQuorum(): boolean {
    const { id, configuration } = this.#state;
    const since = this.#activitySince();
    return hasMajority(
      configuration.voters,
      (voter) => voter === id || this.#progress.get(voter)?.activeSince(since) === true,
    );
  }

  /** The first tick of the last election timeout. */
  #activitySince(): number {
    return this.#ticks - this.#state.options.electionTimeoutTicks + 1;
  }

  #heardFrom(peer: MemberId): Progress | undefined {
    const progress = this.#progress.get(peer);
    progress?.active(this.#ticks);
    return progress;
  }

  #mostUpToDate(): MemberId | undefined {
    const since = this.#activitySince();
    let best: Progress | undefined;
    for (const voter of this.#state.configuration.voters) {
      const progress = this.#progress.get(voter);
      if (progress === undefined || !progress.activeSince(since)) continue;
      if (best === undefined || progress.matchIndex > best.matchIndex) best = progress;
    }
    return best?.id;
  }

  #continueTransfer(): void {
    if (this.#transfer === undefined) return;
    const { target } = this.#transfer;
    if (this.#progress.get(target)?.matchIndex !== this.#state.log.lastIndex) return;
    this.#state.send({ type: 'TimeoutNowRequest', ...this.#addressedTo(target) });
  }

  #abandonTransferWhenLate(): void {
    if (this.#transfer === undefined) return;
    const ticks = this.#ticks - this.#transfer.startedTick;
    if (ticks >= this.#state.options.electionTimeoutTicks) this.#transfer = undefined;
  }

  #addressedTo(to: MemberId) {
    return { from: this.#state.id, to, term: this.#state.currentTerm };
  }
}

interface Slice {
  readonly entries: readonly Entry[];
  readonly bytes: number;
}

type Slices = Map<LogIndex, Slice>;

function stepDown(reason: Extract<RoleReason, 'writeStalled' | 'quorumSilent'>): Change {
  return { type: 'follower', leaderId: undefined, reason };
}
