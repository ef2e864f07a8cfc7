import { assert } from '../assert.js';
import { type LogIndex, logIndex, type MemberId, type Term } from '../ids.js';
import { ElectionTimer } from './election-timer.js';
import type { Configuration, Entry, SnapshotMetadata } from './entry.js';
import { Log } from './log.js';
import type { Message } from './messages.js';
import type { RaftOptions } from './options.js';
import { Outbox } from './outbox.js';
import type { ReadState, Write } from './ready.js';

/**
 * The state that outlives a change of role, and the rules that hold in all roles. It is the only
 * mutable state beside the leader's; the roles change it through the methods here.
 */
export class RaftState {
  readonly id: MemberId;
  readonly options: RaftOptions;
  readonly log: Log;
  readonly timer: ElectionTimer;
  /**
   * This member's own id while it leads; undefined while no leader of the current term is known.
   */
  leaderId: MemberId | undefined;

  readonly #outbox = new Outbox();
  #currentTerm: Term;
  #votedFor: MemberId | undefined;
  #commitIndex: LogIndex;
  /** The last entry handed out for applying, or covered by a snapshot that the driver restores. */
  #appliedIndex: LogIndex;
  /** The newest snapshot that this member can send. */
  #snapshot: SnapshotMetadata | undefined;
  #readStates: ReadState[] = [];

  #issuedSequence = 0;
  #persistedSequence = 0;
  /** The write that makes the current term and vote durable. */
  #hardStateSequence = 0;
  #writeInProgress: Write | undefined;
  #writeTicks = 0;

  constructor(options: RaftOptions) {
    const { hardState, snapshot, entries } = options;
    const lastTerm = entries.at(-1)?.term ?? hardState.currentTerm;
    assert(lastTerm <= hardState.currentTerm, 'an entry is younger than the stored term');
    this.id = options.id;
    this.options = options;
    this.log = new Log(options.configuration, snapshot, entries);
    this.timer = new ElectionTimer(options.electionTimeoutTicks, options.random);
    this.#currentTerm = hardState.currentTerm;
    this.#votedFor = hardState.votedFor;
    this.#snapshot = snapshot;
    this.#commitIndex = logIndex(Math.max(hardState.commitIndex, snapshot?.lastIncludedIndex ?? 0));
    this.#appliedIndex = options.lastApplied;
    assert(this.#commitIndex <= this.log.lastIndex, 'committed entries are missing from the log');
    assert(this.#appliedIndex <= this.#commitIndex, 'more was applied than is committed');
    // A snapshot may have arrived from a later term than the one that this member had stored.
    if (this.log.lastTerm > this.#currentTerm) this.adoptTerm(this.log.lastTerm);
  }

  get currentTerm(): Term {
    return this.#currentTerm;
  }

  get votedFor(): MemberId | undefined {
    return this.#votedFor;
  }

  get commitIndex(): LogIndex {
    return this.#commitIndex;
  }

  get uncommittedBytes(): number {
    return this.log.bytesBetween(this.#commitIndex, this.log.lastIndex);
  }

  get snapshot(): SnapshotMetadata | undefined {
    return this.#snapshot;
  }

  get configuration(): Configuration {
    return this.log.configuration;
  }

  /** The vote is forgotten only together with its term (Raft, section 5.1). */
  adoptTerm(newTerm: Term): void {
    assert(newTerm > this.#currentTerm, 'the term only grows');
    this.#currentTerm = newTerm;
    this.#votedFor = undefined;
    this.leaderId = undefined;
    this.#hardStateSequence = this.#issuedSequence + 1;
    this.#outbox.dropHeld();
  }

  voteFor(candidate: MemberId): void {
    if (this.#votedFor === candidate) return;
    assert(this.#votedFor === undefined, 'one vote in a term');
    this.#votedFor = candidate;
    this.#hardStateSequence = this.#issuedSequence + 1;
  }

  get voteIsDurable(): boolean {
    return this.#hardStateSequence <= this.#persistedSequence;
  }

  commitTo(index: LogIndex): void {
    assert(index >= this.#commitIndex, 'the commit index only grows');
    assert(index <= this.log.lastIndex, 'committed entries are missing from the log');
    this.#commitIndex = index;
  }

  /** An entry of the own term is committed, so this leader knows all that was committed before. */
  get committedInOwnTerm(): boolean {
    return this.log.matches(this.#commitIndex, this.#currentTerm);
  }

  /** A leader was heard from recently, so no vote is granted (thesis, section 4.2.3). */
  get leaderIsPresent(): boolean {
    if (this.leaderId === undefined) return false;
    return this.leaderId === this.id || !this.timer.leaderIsSilent;
  }

  /**
   * Learners never campaign, nor does a member whose stalled write keeps its vote from being
   * durable.
   */
  get mayCampaign(): boolean {
    return (this.#isVoter || this.#isVoterStill) && !this.writeIsStalled;
  }

  get #isVoter(): boolean {
    return this.configuration.voters.includes(this.id);
  }

  /**
   * While its removal is not known to be committed, it may be the only one whose log has all that
   * is committed. It does not count its own vote (thesis, section 4.2.2).
   */
  get #isVoterStill(): boolean {
    return this.log.configurationAt(this.#commitIndex).voters.includes(this.id);
  }

  /** Sends a message that promises no more than the current term and vote. */
  send(message: Message): void {
    this.#outbox.send(message, this.#hardStateSequence);
  }

  /** Sends a message that also promises the log up to `index`. */
  sendOnceDurable(message: Message, index: LogIndex): void {
    this.#outbox.send(message, Math.max(this.#hardStateSequence, this.#logSequence(index)));
  }

  addReadState(readState: ReadState): void {
    this.#readStates.push(readState);
  }

  /** Takes a snapshot in place of a log that does not reach it. */
  replaceLog(snapshot: SnapshotMetadata): void {
    assert(snapshot.lastIncludedIndex > this.#commitIndex, 'an older snapshot is never installed');
    this.log.replace(snapshot);
    this.#snapshot = snapshot;
    this.commitTo(snapshot.lastIncludedIndex);
  }

  compact(snapshot: SnapshotMetadata, keepFrom: LogIndex): void {
    const end = snapshot.lastIncludedIndex;
    assert(end <= this.#appliedIndex, 'a snapshot holds only what was applied');
    assert(keepFrom <= end + 1, 'only what a snapshot covers is compacted');
    if (end > (this.#snapshot?.lastIncludedIndex ?? 0)) this.#snapshot = snapshot;
    if (keepFrom > 0) this.log.compact(logIndex(keepFrom - 1));
  }

  tick(): void {
    if (this.#writeInProgress !== undefined) this.#writeTicks += 1;
  }

  /** The disk has been busy with one write for an election timeout. */
  get writeIsStalled(): boolean {
    return this.#writeTicks >= this.options.electionTimeoutTicks;
  }

  persisted(sequence: number): void {
    const write = this.#writeInProgress;
    assert(write?.sequence === sequence, 'a write ended that was not in progress');
    // This member may have missed messages because of its slow disk, not because the leader is
    // gone.
    if (this.writeIsStalled) this.timer.restart();
    this.#writeInProgress = undefined;
    this.#writeTicks = 0;
    this.#persistedSequence = sequence;
    this.log.persisted();
    if (write.snapshot !== undefined) this.#skipTo(write.snapshot.lastIncludedIndex);
    this.#outbox.persisted(sequence);
  }

  get hasOutput(): boolean {
    return (
      !this.#outbox.isEmpty ||
      this.#readStates.length > 0 ||
      this.#applicableIndex() > this.#appliedIndex ||
      (this.#writeInProgress === undefined && this.#needsWrite())
    );
  }

  takeWrite(): Write | undefined {
    if (this.#writeInProgress !== undefined || !this.#needsWrite()) return undefined;
    this.#issuedSequence += 1;
    this.#writeInProgress = {
      sequence: this.#issuedSequence,
      hardState: {
        currentTerm: this.#currentTerm,
        votedFor: this.#votedFor,
        commitIndex: this.#commitIndex,
      },
      ...this.log.takeUnstable(),
    };
    return this.#writeInProgress;
  }

  takeMessages(): readonly Message[] {
    return this.#outbox.take();
  }

  takeReadStates(): readonly ReadState[] {
    const readStates = this.#readStates;
    this.#readStates = [];
    return readStates;
  }

  /** One page of what is committed and durable here, and was never handed out before. */
  takeCommitted(): readonly Entry[] {
    const to = this.#applicableIndex();
    if (to <= this.#appliedIndex) return [];
    const from = logIndex(this.#appliedIndex + 1);
    const entries = this.log.slice(from, to, this.options.committedBytesMax);
    this.#appliedIndex = logIndex(this.#appliedIndex + entries.length);
    return entries;
  }

  #needsWrite(): boolean {
    return this.#hardStateSequence > this.#issuedSequence || this.log.hasNextUnstable;
  }

  #applicableIndex(): LogIndex {
    return logIndex(Math.min(this.log.stableIndex, this.#commitIndex));
  }

  #skipTo(index: LogIndex): void {
    if (index > this.#appliedIndex) this.#appliedIndex = index;
  }

  #logSequence(index: LogIndex): number {
    const when = this.log.durableWith(index);
    if (when === 'earlier') return 0;
    return when === 'inProgress' ? this.#issuedSequence : this.#issuedSequence + 1;
  }
}
