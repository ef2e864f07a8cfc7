import type { ExpireKeyCommand, ExpireWaiterCommand } from '../../command/time.js';
import type { Term } from '../../ids.js';
import type { EventFeed } from '../events/event-feed.js';
import { type Deadline, pathOf } from '../keys/node.js';
import { publishRemoval } from '../keys/removal.js';
import type { Tree } from '../keys/tree.js';
import type { LockCommands } from '../locks/lock-commands.js';
import { QueueEntry } from '../locks/queue.js';
import type { ApplyContext } from '../part/apply-context.js';

/** The number of deadlines to look at for each command, so that a call stays short. */
const looksPerCommand = 16;

/**
 * The expiries that the leader has to propose now, by its clock. Each names the lease revision and
 * the term. So it has no effect if a renewal was ordered before it, or in any other term.
 */
export function dueCommands(
  tree: Tree,
  now: number,
  term: Term,
  max: number,
): (ExpireKeyCommand | ExpireWaiterCommand)[] {
  const commands: (ExpireKeyCommand | ExpireWaiterCommand)[] = [];
  for (let looks = 0; looks < max * looksPerCommand && commands.length < max; looks += 1) {
    const deadline = tree.deadlines.takeDue(now);
    if (deadline === undefined) break;
    const command = commandFor(deadline, tree, now, term);
    if (command !== undefined) commands.push(command);
  }
  return commands;
}

function commandFor(
  deadline: Deadline,
  tree: Tree,
  now: number,
  term: Term,
): ExpireKeyCommand | ExpireWaiterCommand | undefined {
  const { node, leaseRevision } = deadline;
  const { role } = node;
  if (leaseRevision !== 0 || !(role instanceof QueueEntry)) {
    return { type: 'expireKey', path: pathOf(node), leaseRevision, term };
  }
  const staysUntil = Math.max(lastHeardAt(role) + deadline.ttlMs, keptUntil(role));
  if (staysUntil > now) {
    tree.deadlines.schedule(deadline, staysUntil);
    return undefined;
  }
  return expireWaiter(role, term);
}

/**
 * When a member that keeps the queue entry was last heard of. Boots that have ended do not count.
 */
function lastHeardAt({ attachments }: QueueEntry): number {
  let heardAt = Number.NEGATIVE_INFINITY;
  for (const { boot } of attachments) {
    if (!boot.isOver) heardAt = Math.max(heardAt, boot.session.heardAt);
  }
  return heardAt;
}

function keptUntil({ keptAt, deadline }: QueueEntry): number {
  return keptAt === undefined ? Number.NEGATIVE_INFINITY : deadline.expiresAt;
}

function expireWaiter(entry: QueueEntry, term: Term): ExpireWaiterCommand {
  const { space, name } = entry.queue;
  const { index, attachments, keptAt } = entry;
  const sessions = attachments
    .filter(({ boot }) => !boot.isOver)
    .map(({ boot: { session } }) => ({
      memberId: session.memberId,
      lastCommandIndex: session.lastCommandIndex,
    }));
  return { type: 'expireWaiter', space, name, index, sessions, term, keptAt };
}

/** Removes the key if its TTL was not renewed. Returns whether it did. */
export function expireKey(
  command: ExpireKeyCommand,
  context: ApplyContext,
  tree: Tree,
  feed: EventFeed,
  locks: LockCommands,
): boolean {
  const found = tree.find(command.path);
  if (!found.ok || command.term !== context.term) return false;
  const node = found.value;
  if (node.deadline === undefined || node.deadline.leaseRevision !== command.leaseRevision)
    return false;
  if (command.leaseRevision === 0) return false;
  if (node.role instanceof QueueEntry) locks.remove(node.role, 'expire', context);
  else publishRemoval('expire', node, command.path, tree, feed, context);
  return true;
}
