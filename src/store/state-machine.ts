import { assert } from '../assert.js';
import type { CommandResult } from '../command/command-result.js';
import type { Origin } from '../command/envelope.js';
import { type LogIndex, logIndex, type Term, term } from '../ids.js';
import type { StateView } from '../view/state-view.js';
import { AuthListeners } from './auth/auth-listeners.js';
import { AuthReader } from './auth/auth-reader.js';
import { CommandExecutor } from './command-executor.js';
import { openEntry } from './entry-data.js';
import { WatcherHub } from './events/watcher-hub.js';
import { KeysReader } from './keys/keys-reader.js';
import { Statistics } from './keys/statistics.js';
import { LockCounters } from './locks/lock-counters.js';
import { LockListeners } from './locks/lock-listeners.js';
import { LocksReader } from './locks/locks-reader.js';
import { defaultOptions, type StateMachineOptions } from './options.js';
import { failed } from './part/outcome.js';
import { StateHash } from './part/state-hash.js';
import { MembersReader } from './sessions/members-reader.js';
import { SnapshotRestorer } from './snapshot/snapshot-restorer.js';
import { SnapshotSource } from './snapshot/snapshot-source.js';
import type { RestoredState } from './snapshot/state-restorer.js';
import { StateParts } from './state-parts.js';
import { MemberTime } from './time/member-time.js';

/** The result of an entry. It is the same on every member. */
export interface Outcome {
  readonly origin: Origin | undefined;
  readonly result: CommandResult;
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
 * watchers and the statistics differ between members. It orders the commands of its parts under one
 * index; readers read the parts.
 */
export class StateMachine implements StateView {
  readonly keys: KeysReader;
  readonly locks: LocksReader;
  readonly members: MembersReader;
  readonly time: MemberTime;
  readonly auth: AuthReader;
  readonly #options: StateMachineOptions;
  readonly #observers = {
    hub: new WatcherHub(),
    listeners: new LockListeners(),
    statistics: new Statistics(),
    lockCounters: new LockCounters(),
    authListeners: new AuthListeners(),
  };
  #parts: StateParts;
  #executor: CommandExecutor;
  #appliedIndex = logIndex(0);
  #appliedTerm = term(0);
  #snapshot: SnapshotSource | undefined;

  constructor(options: Partial<StateMachineOptions> = {}) {
    this.#options = { ...defaultOptions, ...options };
    this.#parts = new StateParts(this.#options, this.#observers);
    this.#executor = new CommandExecutor(this.#parts, this.#options.leftBehindMax);
    const { listeners, statistics, lockCounters } = this.#observers;
    this.keys = new KeysReader(() => this.#parts.keys, statistics);
    this.locks = new LocksReader(() => this.#parts, listeners, lockCounters);
    this.members = new MembersReader(() => this.#parts.sessions);
    this.time = new MemberTime(() => this.#parts.time);
    this.auth = new AuthReader(
      () => this.#parts.auth.accounts,
      () => this.clusterVersion,
      this.#observers.authListeners,
    );
  }

  get appliedIndex(): LogIndex {
    return this.#appliedIndex;
  }

  get appliedTerm(): Term {
    return this.#appliedTerm;
  }

  get etcdIndex(): number {
    return this.#parts.events.etcdIndex;
  }

  /** The format up to which the members may write: all of them understand it. */
  get clusterVersion(): number {
    return this.#parts.cluster.version;
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
    this.#parts.keys.tree.tidy();
    this.#observers.listeners.flush(this.etcdIndex);
    this.#observers.authListeners.flush();
    return outcome;
  }

  #applyCommand(entry: LogEntry, now: number): Outcome {
    const envelope = openEntry(entry.data, this.#options.formats.highest);
    if (envelope === undefined) {
      const result = failed('raftInternal', 'the entry is malformed', this.etcdIndex);
      return { origin: undefined, result };
    }
    const { stamp, origin, command } = envelope;
    const { keys, time } = this.#parts;
    time.clock.advance(stamp.clusterTimeMs, now);
    const clusterTimeMs = time.clock.ms;
    keys.tree.recordStarts(stamp.appliedIndex, clusterTimeMs, now);
    const context = { index: entry.index, term: entry.term, now, clusterTimeMs };
    return { origin, result: this.#executor.run(command, origin, context) };
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
      clusterTimeMs: this.time.clusterTimeMs,
      clusterVersion: this.clusterVersion,
      restoredIndex: this.#parts.events.restoredIndex,
    };
    const { tree } = this.#parts.keys;
    const sessions = this.#parts.sessions.sessionRecords();
    const others = this.#parts.records();
    this.#snapshot = tree.beginSnapshot(
      (number) => new SnapshotSource(number, tree, { head, sessions, others }),
    );
    return this.#snapshot;
  }

  /** Reads a snapshot that was taken before `now`, and then replaces this state by it. */
  restorer(now: number): SnapshotRestorer {
    const parts = new StateParts(this.#options, this.#observers);
    const { highest } = this.#options.formats;
    return new SnapshotRestorer(parts, highest, now, (state) => this.#replace(state));
  }

  /** Watchers and listeners have missed changes, and are told so. */
  #replace({ head, parts }: RestoredState): void {
    this.#snapshot?.void();
    this.#parts = parts;
    this.#executor = new CommandExecutor(parts, this.#options.leftBehindMax);
    this.#appliedIndex = logIndex(head.appliedIndex);
    this.#appliedTerm = term(head.appliedTerm);
    this.#observers.hub.clear();
    this.#observers.listeners.lose(this.etcdIndex);
    this.#observers.authListeners.changed();
    this.#observers.authListeners.flush();
  }

  /**
   * Makes this state, which was read from a backup, that of a new cluster. All its indexes go on
   * behind `index`; DESIGN.md says what is kept.
   */
  beginNewCluster(index: LogIndex): void {
    assert(index > Math.max(this.#appliedIndex, this.etcdIndex), 'no index is given out twice');
    this.#parts.beginNewCluster(index);
    this.#appliedIndex = index;
  }

  /** Equal on members that applied the same entries. Visits the whole state. */
  stateHash(): string {
    const hash = new StateHash();
    hash.add(this.#appliedIndex, this.etcdIndex, this.time.clusterTimeMs);
    this.#parts.addTo(hash);
    return hash.toString();
  }
}
