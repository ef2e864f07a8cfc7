import type { CommandResult } from '../../command/command-result.js';
import type { TimeCommand } from '../../command/time.js';
import type { Term } from '../../ids.js';
import type { EventFeed } from '../events/event-feed.js';
import type { Statistics } from '../keys/statistics.js';
import type { Tree } from '../keys/tree.js';
import type { LocksPart } from '../locks/locks-part.js';
import type { ApplyContext } from '../part/apply-context.js';
import { done } from '../part/outcome.js';
import type { CommandPart } from '../part/part.js';
import type { Asker } from '../sessions/session.js';
import type { SessionTable } from '../sessions/session-table.js';
import { AppliedClock } from './applied-clock.js';
import { dueCommands, expireKey } from './time-commands.js';

interface Subjects {
  readonly tree: Tree;
  readonly feed: EventFeed;
  readonly locks: LocksPart;
  readonly sessions: SessionTable;
  readonly statistics: Statistics;
}

/**
 * The cluster's clock, and the ends of TTLs: what the leader has to propose for them, and what its
 * commands do.
 */
export class TimePart implements CommandPart<TimeCommand> {
  readonly clock = new AppliedClock();
  readonly #tree: Tree;
  readonly #feed: EventFeed;
  readonly #locks: LocksPart;
  readonly #sessions: SessionTable;
  readonly #statistics: Statistics;

  constructor({ tree, feed, locks, sessions, statistics }: Subjects) {
    this.#tree = tree;
    this.#feed = feed;
    this.#locks = locks;
    this.#sessions = sessions;
    this.#statistics = statistics;
  }

  /** The cluster's clock was advanced by the stamp of the entry. */
  apply(command: TimeCommand, _asker: Asker | undefined, context: ApplyContext): CommandResult {
    if (command.type !== 'advanceClock' && this.#expire(command, context)) {
      this.#statistics.expired += 1;
    }
    return done(this.#feed.etcdIndex);
  }

  #expire(
    command: Exclude<TimeCommand, { readonly type: 'advanceClock' }>,
    context: ApplyContext,
  ): boolean {
    const locks = this.#locks.commands;
    return command.type === 'expireKey'
      ? expireKey(command, context, this.#tree, this.#feed, locks)
      : locks.expireWaiter(command, context);
  }

  /** Whether there are deadlines, so that the log needs stamps though nobody writes. */
  get hasDeadlines(): boolean {
    return this.#tree.deadlines.size > 0;
  }

  /** The commands, `max` at most, that the leader of the term has to propose now. */
  expired(now: number, term: Term, max: number): readonly TimeCommand[] {
    const due = dueCommands(this.#tree, now, term, max);
    // Each entry drops some attachments of ended boots, so one is proposed while there are any.
    if (due.length === 0 && this.#locks.hasEndedBoots) return [{ type: 'advanceClock' }];
    return due;
  }

  adjustDeadlines(now: number): void {
    for (const session of this.#sessions.all) session.heardAt = now;
    this.#tree.deadlines.adjust(now, this.clock.ms);
  }
}
