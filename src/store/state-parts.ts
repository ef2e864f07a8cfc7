import { assert } from '../assert.js';
import { authCommands } from '../command/auth.js';
import { clusterCommands } from '../command/cluster.js';
import type { Command } from '../command/command.js';
import type { CommandResult } from '../command/command-result.js';
import { keyCommands } from '../command/keys.js';
import { lockCommands } from '../command/locks.js';
import { memberCommands } from '../command/members.js';
import { timeCommands } from '../command/time.js';
import type { Alternatives } from '../encoding/union-format.js';
import type { AuthListeners } from './auth/auth-listeners.js';
import { AuthPart } from './auth/auth-part.js';
import { ClusterPart } from './cluster/cluster-part.js';
import { EventFeed } from './events/event-feed.js';
import type { WatcherHub } from './events/watcher-hub.js';
import { KeysPart } from './keys/keys-part.js';
import type { Statistics } from './keys/statistics.js';
import { Tree } from './keys/tree.js';
import { Fences } from './locks/fences.js';
import type { LockCounters } from './locks/lock-counters.js';
import type { LockListeners } from './locks/lock-listeners.js';
import { LocksPart } from './locks/locks-part.js';
import { Queues } from './locks/queues.js';
import type { StateMachineOptions } from './options.js';
import type { ApplyContext } from './part/apply-context.js';
import type { CommandPart, HashedPart, RecordedPart } from './part/part.js';
import type { RecordReader, SnapshotRecord } from './part/snapshot-record.js';
import type { StateHash } from './part/state-hash.js';
import type { Asker } from './sessions/session.js';
import { SessionTable } from './sessions/session-table.js';
import { SessionsPart } from './sessions/sessions-part.js';
import { TimePart } from './time/time-part.js';

/** What is local to this member, and stays when a snapshot replaces the parts. */
export interface Observers {
  readonly hub: WatcherHub;
  readonly listeners: LockListeners;
  readonly statistics: Statistics;
  readonly lockCounters: LockCounters;
  readonly authListeners: AuthListeners;
}

/** All parts of the state, and the only list of them. They begin empty. */
export class StateParts {
  readonly events: EventFeed;
  readonly sessions: SessionsPart;
  readonly locks: LocksPart;
  readonly keys: KeysPart;
  readonly time: TimePart;
  readonly cluster: ClusterPart;
  readonly auth: AuthPart;
  readonly #byCommand = new Map<string, CommandPart>();
  readonly #hashed: readonly HashedPart[];
  readonly #recorded: readonly RecordedPart[];

  constructor(options: StateMachineOptions, observers: Observers) {
    const { hub, listeners, statistics, lockCounters, authListeners } = observers;
    const tree = Tree.empty(options.sweepMax);
    const queues = Queues.empty(tree);
    const sessions = new SessionTable(options.resultUnitsMax);
    const events = new EventFeed(hub, options.historyUnitsMax);
    const locks = new LocksPart({ tree, feed: events, queues, sessions, listeners, lockCounters });
    this.events = events;
    this.sessions = new SessionsPart(sessions, events);
    this.locks = locks;
    this.keys = new KeysPart(tree, events, new Fences(queues), statistics);
    this.time = new TimePart({ tree, feed: events, locks, sessions, statistics });
    this.cluster = new ClusterPart({ feed: events, sessions, formats: options.formats });
    this.auth = new AuthPart({
      feed: events,
      listeners: authListeners,
      isDirectory: (path) => isDirectoryIn(tree, path),
    });
    this.#assign(keyCommands, this.keys);
    this.#assign(lockCommands, this.locks);
    this.#assign(memberCommands, this.sessions);
    this.#assign(timeCommands, this.time);
    this.#assign(clusterCommands, this.cluster);
    this.#assign(authCommands, this.auth);
    this.#hashed = [this.keys, this.locks, this.sessions, this.events, this.cluster, this.auth];
    this.#recorded = [this.sessions, this.events, this.locks, this.auth];
  }

  /** The part is only asked for the commands of its own table. */
  #assign<C extends Command>(commands: Alternatives<C>, part: CommandPart<C>): void {
    for (const type of Object.keys(commands)) {
      assert(!this.#byCommand.has(type), `one part applies ${type}`);
      this.#byCommand.set(type, part);
    }
  }

  apply(command: Command, asker: Asker | undefined, context: ApplyContext): CommandResult {
    const part = this.#byCommand.get(command.type);
    assert(part !== undefined, `a part applies ${command.type}`);
    return part.apply(command, asker, context);
  }

  /**
   * The cluster was made of a backup, and has its own history from this index on; from the
   * beginning when that is zero.
   */
  beginAt(restoredIndex: number): void {
    this.events.beginAt(restoredIndex);
    this.keys.tree.beginAt(restoredIndex);
  }

  /** Makes the state that of a new cluster, which begins behind that index. */
  beginNewCluster(index: number): void {
    this.locks.beginNewCluster(index);
    this.sessions.table.clear();
    this.keys.tree.forgetStarts();
    this.beginAt(index);
  }

  addTo(hash: StateHash): void {
    for (const part of this.#hashed) part.addTo(hash);
  }

  /** The records that follow those of the tree. */
  records(): Iterable<SnapshotRecord> {
    return inSequence(this.#recorded.map((part) => part.records()));
  }

  /** @param now as {@link RecordedPart.readers} has it. */
  readers(now: number): readonly RecordReader[] {
    return this.#recorded.flatMap((part) => part.readers(now));
  }
}

function isDirectoryIn(tree: Tree, path: string): boolean {
  const found = tree.find(path);
  return found.ok && found.value.children !== undefined;
}

function* inSequence<T>(all: readonly Iterable<T>[]): Iterable<T> {
  for (const each of all) yield* each;
}
