import type { Command, KeyCommand, RegisterCommand, TimeCommand } from '../command/command.js';
import type { Origin } from '../command/envelope.js';
import type { Result } from '../command/result.js';
import type { EventFeed } from './events/event-feed.js';
import { KeyCommands } from './keys/key-commands.js';
import type { Statistics } from './keys/statistics.js';
import type { Tree } from './keys/tree.js';
import { Fences } from './locks/fences.js';
import { LockCommands } from './locks/lock-commands.js';
import type { LockListeners } from './locks/lock-listeners.js';
import type { Queues } from './locks/queues.js';
import type { ApplyContext } from './part/apply-context.js';
import { done, failed } from './part/outcome.js';
import type { Asker } from './sessions/session.js';
import type { SessionTable } from './sessions/session-table.js';
import { expireKey } from './time/time-commands.js';

/** The parts of the state that commands change, and the listeners that they notify. */
interface Subjects {
  readonly tree: Tree;
  readonly queues: Queues;
  readonly sessions: SessionTable;
  readonly feed: EventFeed;
  readonly listeners: LockListeners;
  readonly statistics: Statistics;
  readonly leftBehindMax: number;
}

/** Applies commands. A member's command takes effect once, however often it is in the log. */
export class CommandExecutor {
  readonly #tree: Tree;
  readonly #queues: Queues;
  readonly #leftBehindMax: number;
  readonly #sessions: SessionTable;
  readonly #feed: EventFeed;
  readonly #statistics: Statistics;
  readonly #keys: KeyCommands;
  readonly #locks: LockCommands;

  constructor({ tree, queues, sessions, feed, listeners, statistics, leftBehindMax }: Subjects) {
    this.#leftBehindMax = leftBehindMax;
    this.#tree = tree;
    this.#queues = queues;
    this.#sessions = sessions;
    this.#feed = feed;
    this.#statistics = statistics;
    this.#keys = new KeyCommands(tree, feed, new Fences(queues));
    this.#locks = new LockCommands(tree, feed, queues, listeners);
  }

  /** @param origin undefined for the leader's own commands. */
  run(command: Command, origin: Origin | undefined, context: ApplyContext): Result {
    if (origin !== undefined) return this.#runOnce(command, origin, context);
    this.#dropEndedBoots(context);
    return this.#run(command, undefined, context);
  }

  #runOnce(command: Command, origin: Origin, context: ApplyContext): Result {
    const { memberId, sequence } = origin;
    if (command.type === 'register' && this.#sessions.isImpostor(memberId, command)) {
      const cause = `member ${memberId} is known under another incarnation: its disk was replaced`;
      return failed('raftInternal', cause, this.#feed.etcdIndex);
    }
    const admission = this.#sessions.admit(origin, context);
    this.#dropEndedBoots(context);
    if (admission.type === 'duplicate') return admission.result;
    if (admission.type === 'void')
      return failed('raftInternal', admission.why, this.#feed.etcdIndex);
    const { session } = admission;
    const result = this.#run(command, { session, sequence }, context);
    this.#sessions.remember(session, sequence, result);
    return result;
  }

  /** The clients of an ended boot are gone: its attachments are dropped, some with each entry. */
  #dropEndedBoots(context: ApplyContext): void {
    for (let checked = 0; checked < this.#leftBehindMax; checked += 1) {
      const attachment = this.#queues.attachments.ended.next();
      if (attachment === undefined) return;
      this.#locks.dropEndedBoots(attachment.entry, context);
    }
  }

  #run(command: Command, asker: Asker | undefined, context: ApplyContext): Result {
    switch (command.type) {
      case 'acquire':
      case 'renew':
      case 'release':
      case 'cancelAcquire':
        return this.#locks.apply(command, asker, context);
      case 'register':
        return this.#register(command, asker);
      case 'keepAlive':
      case 'advanceClock':
        return done(this.#feed.etcdIndex);
      case 'expireKey':
      case 'expireWaiter':
        return this.#expire(command, context);
      default:
        return this.#runKeyCommand(command, context);
    }
  }

  #runKeyCommand(command: KeyCommand, context: ApplyContext): Result {
    const result = this.#keys.apply(command, context);
    this.#statistics.count(command.type, result.type !== 'error');
    return result;
  }

  #register(command: RegisterCommand, asker: Asker | undefined): Result {
    if (asker !== undefined) asker.session.registration = command;
    return done(this.#feed.etcdIndex);
  }

  #expire(command: Exclude<TimeCommand, { type: 'advanceClock' }>, context: ApplyContext): Result {
    const expired =
      command.type === 'expireKey'
        ? expireKey(command, context, this.#tree, this.#feed, this.#locks)
        : this.#locks.expireWaiter(command, context);
    if (expired) this.#statistics.expired += 1;
    return done(this.#feed.etcdIndex);
  }
}
