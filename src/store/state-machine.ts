import { assert } from '../assert.js';
import type { TimeCommand } from '../command/command.js';
import type { Origin } from '../command/envelope.js';
import { errorTable } from '../command/errors.js';
import type { NodeEvent } from '../command/event.js';
import type { HolderChanges } from '../command/holder-change.js';
import type { LockSpace } from '../command/lock-path.js';
import type { CommandError, Result } from '../command/result.js';
import { type LogIndex, logIndex, type MemberId, type Term, term } from '../ids.js';
import type { HolderListener } from '../view/holder-listener.js';
import type { GetOptions } from '../view/listing.js';
import type { QueueSize, SpaceTotals } from '../view/queue.js';
import type { QueueEntryListener, QueueEntryView } from '../view/queue-entry.js';
import type { RegisteredMember } from '../view/registered-member.js';
import type { StateView } from '../view/state-view.js';
import type { StoreStatistics } from '../view/store-statistics.js';
import type { Watcher, WatchRequest } from '../view/watch.js';
import { CommandExecutor } from './command-executor.js';
import { openEntry } from './entry-data.js';
import { EventFeed } from './events/event-feed.js';
import { Listing } from './keys/listing.js';
import { isHeavy, listingOf } from './keys/node-view.js';
import { Statistics } from './keys/statistics.js';
import { Refusal, Tree } from './keys/tree.js';
import { LockListeners } from './locks/lock-listeners.js';
import { entryState, findEntry, holderStates, queueSize, queueState } from './locks/lock-view.js';
import { QueueListing } from './locks/queue-listing.js';
import { Queues } from './locks/queues.js';
import { defaultOptions, type StateMachineOptions } from './options.js';
import { failed } from './part/outcome.js';
import { SessionTable } from './sessions/session-table.js';
import { otherRecords, sessionRecords } from './snapshot/snapshot-records.js';
import { SnapshotRestorer } from './snapshot/snapshot-restorer.js';
import { SnapshotSource } from './snapshot/snapshot-source.js';
import type { RestoredState } from './snapshot/state-builder.js';
import { stateHash } from './state-hash.js';
import { AppliedClock } from './time/applied-clock.js';
import { dueCommands } from './time/time-commands.js';

/** The size up to which `get` is used. It takes some milliseconds, with its JSON. */
const unitsAtOnceMax = 256 * 1024;

/** The result of an entry. It is the same on every member. */
export interface Outcome {
  readonly origin: Origin | undefined;
  readonly result: Result;
}

/** A committed entry, as the Raft core delivers it. */
export interface LogEntry {
  readonly index: LogIndex;
  readonly term: Term;
  readonly type: 'noop' | 'command' | 'configuration';
  readonly data: Uint8Array;
}

/**
 * The replicated state. Its content follows from the log alone. Only the local times of TTLs, the
 * watchers and the statistics differ between members.
 */
export class StateMachine implements StateView {
  readonly #feed = new EventFeed();
  readonly #listeners = new LockListeners();
  readonly #statistics = new Statistics();
  readonly #appliedClock = new AppliedClock();
  readonly #options: StateMachineOptions;
  #tree: Tree;
  #queues: Queues;
  #sessions: SessionTable;
  #executor: CommandExecutor;
  #appliedIndex = logIndex(0);
  #appliedTerm = term(0);
  #snapshot: SnapshotSource | undefined;

  constructor(options: Partial<StateMachineOptions> = {}) {
    this.#options = { ...defaultOptions, ...options };
    this.#tree = Tree.empty(this.#options.sweepMax);
    this.#sessions = new SessionTable(this.#options.resultUnitsMax);
    this.#queues = Queues.empty(this.#tree);
    this.#executor = this.#makeExecutor();
  }

  /** To be called again when a snapshot has replaced the state. */
  #makeExecutor(): CommandExecutor {
    return new CommandExecutor({
      tree: this.#tree,
      queues: this.#queues,
      sessions: this.#sessions,
      feed: this.#feed,
      listeners: this.#listeners,
      statistics: this.#statistics,
      leftBehindMax: this.#options.leftBehindMax,
    });
  }

  get appliedIndex(): LogIndex {
    return this.#appliedIndex;
  }

  get appliedTerm(): Term {
    return this.#appliedTerm;
  }

  get etcdIndex(): number {
    return this.#feed.etcdIndex;
  }

  /** The cluster's time at which the newest entry was appended. */
  get clusterTimeMs(): number {
    return this.#appliedClock.ms;
  }

  /**
   * Applies the next entry of the log. Returns undefined for an entry without a command. Watchers
   * and listeners are called before this returns, and may only enqueue.
   * @throws {NewerFormatError} for an entry of a newer release: the member must stop.
   */
  apply(entry: LogEntry, now: number): Outcome | undefined {
    assert(entry.index === this.#appliedIndex + 1, `entry ${entry.index} is not the next one`);
    const outcome = entry.type === 'command' ? this.#applyCommand(entry, now) : undefined;
    this.#appliedIndex = entry.index;
    this.#appliedTerm = entry.term;
    this.#tree.tidy();
    this.#listeners.flush(this.etcdIndex);
    return outcome;
  }

  #applyCommand(entry: LogEntry, now: number): Outcome {
    const envelope = openEntry(entry.data);
    if (envelope === undefined) {
      const result = failed('raftInternal', 'the entry is malformed', this.etcdIndex);
      return { origin: undefined, result };
    }
    const { stamp, origin, command } = envelope;
    this.#appliedClock.advance(stamp.clusterTimeMs, now);
    const { clusterTimeMs } = this;
    this.#tree.recordStarts(stamp.appliedIndex, clusterTimeMs);
    const context = { index: entry.index, term: entry.term, now, clusterTimeMs };
    return { origin, result: this.#executor.run(command, origin, context) };
  }

  /** Whether there are deadlines, so that the log needs stamps though nobody writes. */
  get hasDeadlines(): boolean {
    return this.#tree.deadlines.size > 0;
  }

  /** When to call {@link expired} next. It may find nothing then. */
  nextDeadline(): number | undefined {
    return this.#tree.deadlines.next;
  }

  /** The commands, `max` at most, that the leader of the term has to propose now. */
  expired(now: number, term: Term, max: number): readonly TimeCommand[] {
    const due = dueCommands(this.#tree, now, term, max);
    // Each entry drops some attachments of ended boots, so one is proposed while there are any.
    if (due.length === 0 && this.#queues.attachments.ended.next() !== undefined)
      return [{ type: 'advanceClock' }];
    return due;
  }

  /**
   * To be called when a member begins to lead, or has caught up after its start. It may have
   * applied the start of TTLs late. Sessions count from now, since no member could send keep-alives
   * without a leader.
   */
  adjustDeadlines(now: number): void {
    for (const session of this.#sessions.all) session.heardAt = now;
    this.#tree.deadlines.adjust(now, this.clusterTimeMs);
  }

  /**
   * The shortest TTL that a member has to keep alive; undefined when nobody waits through that
   * boot.
   */
  keepAliveTtl(memberId: MemberId, boot: number): { readonly ttlMsMin: number } | undefined {
    const session = this.#sessions.get(memberId);
    if (session?.boot.number !== boot) return undefined;
    const ttlMsMin = this.#queues.attachments.shortestTtlMs(session.boot);
    return ttlMsMin === undefined ? undefined : { ttlMsMin };
  }

  /** The result of an applied command that is not settled. */
  resultOf(memberId: MemberId, boot: number, sequence: number): Result | undefined {
    const session = this.#sessions.get(memberId);
    return session?.boot.number === boot ? session.results.get(sequence) : undefined;
  }

  /**
   * The state as it is now, to be read in chunks while later entries are applied. No other snapshot
   * can begin until this one was read to its end or closed.
   */
  snapshot(): SnapshotSource {
    assert(this.#snapshot === undefined || this.#snapshot.isClosed, 'one snapshot at a time');
    const head = {
      appliedIndex: this.#appliedIndex,
      appliedTerm: this.#appliedTerm,
      etcdIndex: this.etcdIndex,
      clusterTimeMs: this.clusterTimeMs,
    };
    const sessions = sessionRecords(this.#sessions);
    const others = otherRecords(this.#sessions, this.#feed.events, this.#queues);
    this.#snapshot = this.#tree.beginSnapshot(
      (number) => new SnapshotSource(number, this.#tree, { head, sessions, others }),
    );
    return this.#snapshot;
  }

  /** Reads a snapshot that was taken before `now`, and then replaces this state by it. */
  restorer(now: number): SnapshotRestorer {
    return new SnapshotRestorer(this.#options, now, (state) => this.#replace(state));
  }

  /** Watchers and listeners have missed changes, and are told so. */
  #replace({ head, tree, queues, sessions, events, restoredAt }: RestoredState): void {
    this.#snapshot?.void();
    this.#tree = tree;
    this.#queues = queues;
    this.#sessions = sessions;
    this.#executor = this.#makeExecutor();
    this.#feed.restore(head.etcdIndex, events);
    this.#appliedIndex = logIndex(head.appliedIndex);
    this.#appliedTerm = term(head.appliedTerm);
    this.#appliedClock.restore(head.clusterTimeMs, restoredAt);
    this.#feed.clearWatchers();
    this.#listeners.lose(this.etcdIndex);
  }

  /** Equal on members that applied the same entries. Visits the whole state. */
  stateHash(): string {
    return stateHash({
      appliedIndex: this.#appliedIndex,
      etcdIndex: this.etcdIndex,
      clusterTimeMs: this.clusterTimeMs,
      tree: this.#tree,
      queues: this.#queues,
      sessions: this.#sessions,
      events: this.#feed.events,
    });
  }

  get(path: string, options: GetOptions): NodeEvent | CommandError {
    const found = this.#tree.find(path);
    this.#statistics.count('get', !(found instanceof Refusal));
    if (found instanceof Refusal) {
      const { errorCode } = errorTable[found.error];
      return { errorCode, cause: found.cause, index: this.etcdIndex };
    }
    return { action: 'get', node: listingOf(found, path, options) };
  }

  /** Whether `get` would block the event loop for too long, so that `list` has to be used. */
  isHeavy(path: string, recursive: boolean): boolean {
    const found = this.#tree.find(path);
    return !(found instanceof Refusal) && isHeavy(found, recursive, unitsAtOnceMax);
  }

  /** The same as `get`, step by step. To be closed, or read to its end. */
  list(path: string, options: GetOptions): Listing {
    const found = this.#tree.find(path);
    assert(!(found instanceof Refusal), 'what is listed was found');
    this.#statistics.count('get', true);
    return new Listing(this.#tree, found, path, this.etcdIndex, options);
  }

  watch(request: WatchRequest): Watcher | CommandError {
    return this.#feed.watch(request);
  }

  holder(space: LockSpace, name: string): QueueEntryView | undefined {
    const first = this.#queues.get(space, name)?.first;
    return first && entryState(first);
  }

  /** The whole queue at once. For checks only, since it may be long. */
  queue(space: LockSpace, name: string): readonly QueueEntryView[] {
    return queueState(this.#queues, space, name);
  }

  /** The same as `queue`, entry by entry. To be closed, or read to its end. */
  listQueue(space: LockSpace, name: string): QueueListing {
    return new QueueListing(this.#tree, this.#queues.get(space, name));
  }

  queueEntry(space: LockSpace, name: string, index: number): QueueEntryView | undefined {
    const entry = findEntry(this.#queues, space, name, index);
    return entry && entryState(entry);
  }

  namesFrom(space: LockSpace, start: string): Iterable<string> {
    return this.#queues.namesFrom(space, start);
  }

  holders(space: LockSpace, name: string, max: number): readonly QueueEntryView[] {
    return holderStates(this.#queues.get(space, name), max);
  }

  queueSize(space: LockSpace, name: string): QueueSize {
    return queueSize(this.#queues.get(space, name));
  }

  totals(space: LockSpace): SpaceTotals {
    return this.#queues.totals(space);
  }

  spaceChangedIndex(space: LockSpace): number {
    return this.#listeners.spaceChangedIndex(space);
  }

  onSpace(space: LockSpace, listener: () => void): () => void {
    return this.#listeners.onSpace(space, listener);
  }

  holderChangedIndex(space: LockSpace, name: string): number {
    return this.#queues.holderChangedIndex(space, name);
  }

  limit(space: LockSpace, name: string): number {
    return this.#queues.get(space, name)?.limit ?? 1;
  }

  holderChanges(space: LockSpace, name: string, sinceIndex: number): HolderChanges {
    return this.#queues.history.of(space, name, sinceIndex);
  }

  onMemberClock(clusterTimeMs: number): number {
    return this.#appliedClock.onMemberClock(clusterTimeMs);
  }

  /** The listener is never called for a queue entry that does not exist. */
  onQueueEntry(
    space: LockSpace,
    name: string,
    index: number,
    listener: QueueEntryListener,
  ): () => void {
    const entry = findEntry(this.#queues, space, name, index);
    return entry === undefined ? () => undefined : this.#listeners.onQueueEntry(index, listener);
  }

  onHolder(space: LockSpace, name: string, listener: HolderListener): () => void {
    return this.#listeners.onHolder(space, name, listener);
  }

  members(): readonly RegisteredMember[] {
    return this.#sessions.registered();
  }

  statistics(): StoreStatistics {
    return this.#statistics.report(this.#feed.watchers);
  }
}
