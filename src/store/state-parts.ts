import { assert } from '../assert.js';
import { clusterCommands } from '../command/cluster.js';
import type { Command } from '../command/command.js';
import type { CommandResult } from '../command/command-result.js';
import { keyCommands } from '../command/keys.js';
import { lockCommands } from '../command/locks.js';
import { memberCommands } from '../command/members.js';
import { timeCommands } from '../command/time.js';
import type { Alternatives } from '../encoding/union-format.js';
import { ClusterPart } from './cluster/cluster-part.js';
import { EventFeed } from './events/event-feed.js';
import type { WatcherHub } from './events/watcher-hub.js';
import { KeysPart } from './keys/keys-part.js';
import type { Statistics } from './keys/statistics.js';
import { Tree } from './keys/tree.js';
import { Fences } from './locks/fences.js';
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
}

/** All parts of the state, and the only list of them. They begin empty. */
export class StateParts {
  readonly events: EventFeed;
  readonly sessions: SessionsPart;
  readonly locks: LocksPart;
  readonly keys: KeysPart;
  readonly time: TimePart;
  readonly cluster: ClusterPart;
  readonly #byCommand = new Map<string, CommandPart>();
  readonly #hashed: readonly HashedPart[];
  readonly #recorded: readonly RecordedPart[];

  constructor(options: StateMachineOptions, { hub, listeners, statistics }: Observers) {
    const tree = Tree.empty(options.sweepMax);
    const queues = Queues.empty(tree);
    const sessions = new SessionTable(options.resultUnitsMax);
    const events = new EventFeed(hub, options.historyUnitsMax);
    const locks = new LocksPart({ tree, feed: events, queues, sessions, listeners });
    this.events = events;
    this.sessions = new SessionsPart(sessions, events);
    this.locks = locks;
    this.keys = new KeysPart(tree, events, new Fences(queues), statistics);
    this.time = new TimePart({ tree, feed: events, locks, sessions, statistics });
    this.cluster = new ClusterPart({ feed: events, sessions, formats: options.formats });
    this.#assign(keyCommands, this.keys);
    this.#assign(lockCommands, this.locks);
    this.#assign(memberCommands, this.sessions);
    this.#assign(timeCommands, this.time);
    this.#assign(clusterCommands, this.cluster);
    this.#hashed = [this.keys, this.locks, this.sessions, this.events, this.cluster];
    this.#recorded = [this.sessions, this.events, this.locks];
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

function* inSequence<T>(all: readonly Iterable<T>[]): Iterable<T> {
  for (const each of all) yield* each;
}
