import type { ExpireKeyCommand, ExpireWaiterCommand } from '../command/command.js';
import type { Term } from '../ids.js';
import type { ApplyContext } from './apply-context.js';
import type { EventFeed } from './event-feed.js';
import type { LockCommands } from './lock-commands.js';
import { type Deadline, pathOf, type QueueEntry } from './node.js';
import { publishRemoval } from './removal.js';
import { Refusal, type Tree } from './tree.js';

/** Deadlines looked at for each command that may be found: one look does not hold the member up. */
const looksPerCommand = 16;

/**
 * What the leader has to propose now: expiries of what is due on its clock. Each names what it found,
 * so that it has no effect once a renewal was ordered before it, or in any other term.
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
  if (leaseRevision !== 0 || role?.type !== 'queueEntry') {
    return { type: 'expireKey', path: pathOf(node), leaseRevision, term };
  }
  const heardAt = lastHeardAt(role);
  if (heardAt + deadline.ttlMs > now) {
    tree.deadlines.awake(deadline, heardAt + deadline.ttlMs);
    return undefined;
  }
  return expireWaiter(role, term);
}

/** When one of the members that keep the queue entry was last heard of. A boot that is over keeps nothing. */
function lastHeardAt({ attachments }: QueueEntry): number {
  let heardAt = Number.NEGATIVE_INFINITY;
  for (const { boot } of attachments) {
    if (!boot.isOver) heardAt = Math.max(heardAt, boot.session.heardAt);
  }
  return heardAt;
}

function expireWaiter(entry: QueueEntry, term: Term): ExpireWaiterCommand {
  const { space, name } = entry.queue;
  const { index, attachments } = entry;
  const sessions = attachments
    .filter(({ boot }) => !boot.isOver)
    .map(({ boot: { session } }) => ({
      memberId: session.memberId,
      lastCommandIndex: session.lastCommandIndex,
    }));
  return { type: 'expireWaiter', space, name, index, sessions, term };
}

/** Whether the key's TTL was over still, and the key went. */
export function expireKey(
  command: ExpireKeyCommand,
  context: ApplyContext,
  tree: Tree,
  feed: EventFeed,
  locks: LockCommands,
): boolean {
  const node = tree.find(command.path);
  if (node instanceof Refusal || command.term !== context.term) return false;
  if (node.deadline === undefined || node.deadline.leaseRevision !== command.leaseRevision)
    return false;
  if (command.leaseRevision === 0) return false;
  if (node.role?.type === 'queueEntry') locks.remove(node.role, 'expire', context);
  else publishRemoval('expire', node, command.path, tree, feed, context);
  return true;
}
