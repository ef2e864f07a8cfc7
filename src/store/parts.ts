import { assert } from '../assert.js';
import type { Command } from '../command/command.js';
import type { CommandResult } from '../command/command-result.js';
import { keyCommands } from '../command/keys.js';
import { lockCommands } from '../command/locks.js';
import { memberCommands } from '../command/members.js';
import { timeCommands } from '../command/time.js';
import type { EventFeed } from './events/event-feed.js';
import { KeysPart } from './keys/keys-part.js';
import type { Statistics } from './keys/statistics.js';
import type { Tree } from './keys/tree.js';
import { Fences } from './locks/fences.js';
import type { LockListeners } from './locks/lock-listeners.js';
import { LocksPart } from './locks/locks-part.js';
import type { Queues } from './locks/queues.js';
import type { ApplyContext } from './part/apply-context.js';
import type { CommandPart, HashedPart, RecordedPart } from './part/part.js';
import type { SnapshotRecord } from './part/snapshot-record.js';
import type { StateHash } from './part/state-hash.js';
import type { Asker } from './sessions/session.js';
import type { SessionTable } from './sessions/session-table.js';
import { SessionsPart } from './sessions/sessions-part.js';
import type { AppliedClock } from './time/applied-clock.js';
import { TimePart } from './time/time-part.js';

/** What a snapshot replaces. */
export interface Contents {
  readonly tree: Tree;
  readonly queues: Queues;
  readonly sessions: SessionTable;
}

/** What stays when a snapshot replaces the rest. */
export interface Lasting {
  readonly feed: EventFeed;
  readonly clock: AppliedClock;
  readonly listeners: LockListeners;
  readonly statistics: Statistics;
}

/** All parts of the state, and the only list of them. */
export class Parts {
  readonly keys: KeysPart;
  readonly locks: LocksPart;
  readonly sessions: SessionsPart;
  readonly time: TimePart;
  readonly #byCommand = new Map<string, CommandPart>();
  readonly #hashed: readonly HashedPart[];
  readonly #recorded: readonly RecordedPart[];

  constructor({ tree, queues, sessions: table }: Contents, lasting: Lasting) {
    const { feed, clock, listeners, statistics } = lasting;
    this.sessions = new SessionsPart(table, feed);
    this.locks = new LocksPart(tree, feed, queues, listeners);
    this.keys = new KeysPart(tree, feed, new Fences(queues), statistics);
    const { locks } = this;
    this.time = new TimePart({ tree, feed, clock, locks, sessions: table, statistics });
    this.#assign(keyCommands, this.keys);
    this.#assign(lockCommands, this.locks);
    this.#assign(memberCommands, this.sessions);
    this.#assign(timeCommands, this.time);
    this.#hashed = [this.keys, this.locks, this.sessions, feed];
    this.#recorded = [this.sessions, feed, this.locks];
  }

  #assign(commands: object, part: CommandPart<never>): void {
    for (const type of Object.keys(commands)) this.#byCommand.set(type, part);
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
}

function* inSequence<T>(all: readonly Iterable<T>[]): Iterable<T> {
  for (const each of all) yield* each;
}
