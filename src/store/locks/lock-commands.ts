import { assert, assertNever } from '../../assert.js';
import type { CommandResult } from '../../command/command-result.js';
import type { HoldMode } from '../../command/hold-rules.js';
import { heldCause } from '../../command/holders-text.js';
import { inOrderKey, isLockName, lockDirectory } from '../../command/lock-path.js';
import type {
  AcquireCommand,
  CancelAcquireCommand,
  LockCommand,
  ReleaseCommand,
  RenewCommand,
} from '../../command/locks.js';
import { joinPath } from '../../command/path.js';
import type { ExpireWaiterCommand } from '../../command/time.js';
import type { HolderChange } from '../../view/holder-change.js';
import type { HoldEnd } from '../../view/lock-statistics.js';
import type { EventFeed } from '../events/event-feed.js';
import { viewBefore, viewOf } from '../keys/node-view.js';
import { publishRemoval } from '../keys/removal.js';
import type { Tree } from '../keys/tree.js';
import type { ApplyContext } from '../part/apply-context.js';
import { done, entryResult, failed } from '../part/outcome.js';
import type { Asker } from '../sessions/session.js';
import { type Attachments, isAbandoned, isLeftBehind, resetWaits } from './attachments.js';
import type { LockCounters } from './lock-counters.js';
import type { LockListeners } from './lock-listeners.js';
import { entryAt, holdersOf, type Queue, QueueEntry } from './queue.js';
import { admits, firstWaiting, type Queues } from './queues.js';

/** Names a queue entry by its index, its value, or both. */
type EntryReference = Pick<RenewCommand, 'space' | 'name' | 'index' | 'value'>;

/**
 * Locks and elections. The holders are the entries at the front of the queue, as many as may hold
 * together, so they follow from the order of the log alone.
 */
export class LockCommands {
  readonly #tree: Tree;
  readonly #feed: EventFeed;
  readonly #queues: Queues;
  readonly #attachments: Attachments;
  readonly #listeners: LockListeners;
  readonly #counters: LockCounters;

  constructor(
    tree: Tree,
    feed: EventFeed,
    queues: Queues,
    listeners: LockListeners,
    counters: LockCounters,
  ) {
    this.#tree = tree;
    this.#feed = feed;
    this.#queues = queues;
    this.#attachments = queues.attachments;
    this.#listeners = listeners;
    this.#counters = counters;
  }

  apply(command: LockCommand, asker: Asker | undefined, context: ApplyContext): CommandResult {
    assert(isLockName(command.name), `not a name of a lock: ${command.name}`);
    switch (command.type) {
      case 'acquire':
        return this.#acquire(command, asker, context);
      case 'renew':
        return this.#renew(command, context);
      case 'release':
        return this.#release(command, context);
      case 'cancelAcquire':
        return this.#cancelAcquire(command, asker, context);
      default:
        return assertNever(command);
    }
  }

  #acquire(
    command: AcquireCommand,
    asker: Asker | undefined,
    context: ApplyContext,
  ): CommandResult {
    const known = this.#named({ ...command, value: command.value || undefined });
    const joined = this.dropEndedBoots(known, context);
    if (joined === undefined && command.index !== undefined) return this.#noSuchEntry(command);
    const queue = this.#queues.get(command.space, command.name);
    const difference = queue && this.#difference(queue, joined, command);
    if (difference !== undefined) return difference;
    if (joined?.holds === true) {
      this.#renewEntry(joined, command.ttlMs, context);
      this.#joinHolder(joined, command, asker);
      return this.#entryResult(joined);
    }
    if (command.tryOnly && queue !== undefined && !holdsAtOnce(queue, command.mode)) {
      this.#counters.of(command.space).acquired('refused');
      return failed(
        'lockNotAcquired',
        heldCause(command.name, holdersOf(queue)),
        this.#feed.etcdIndex,
      );
    }
    const entry = joined ?? this.#addEntry(command, context);
    if (joined !== undefined) this.#stayAsLongAs(joined, command.ttlMs);
    if (asker !== undefined) this.#attachments.attach(entry, asker, command.holdsConnection);
    if (command.keepsPlace === true) this.#keep(entry, context, false);
    else if (entry.keptAt !== undefined) this.#queues.keep(entry, entry.keptAt, true);
    return this.#entryResult(entry);
  }

  /**
   * Whoever leaves the entry while it waits, its place stays for its TTL from now on. A grant is
   * told, so nothing is kept of who holds.
   */
  #keep(entry: QueueEntry, context: ApplyContext, mayBeGivenUp: boolean): void {
    if (entry.holds) return;
    this.#queues.keep(entry, context.index, mayBeGivenUp);
    this.#tree.deadlines.keep(entry.deadline, context.now);
  }

  /**
   * The newest request that is told that the entry holds decides how long the entry stays: until it
   * is released or expires, or until the last such connection closes.
   */
  #joinHolder(
    entry: QueueEntry,
    { holdsConnection }: AcquireCommand,
    asker: Asker | undefined,
  ): void {
    if (!holdsConnection || asker === undefined) this.#attachments.keepUntilReleased(entry);
    else {
      this.#attachments.keepWhileConnected(entry);
      this.#attachments.attach(entry, asker, holdsConnection);
    }
  }

  /** The failure of an acquire whose limit or mode differs from that of the lock. */
  #difference(
    queue: Queue,
    joined: QueueEntry | undefined,
    asked: AcquireCommand,
  ): CommandResult | undefined {
    if (queue.limit !== asked.limit) {
      const cause = `${asked.name} has limit ${queue.limit}, and limit ${asked.limit} was asked for`;
      return failed('lockLimitDiffers', cause, this.#feed.etcdIndex);
    }
    if (joined !== undefined && joined.mode !== asked.mode) {
      const place = `place ${joined.index} of ${asked.name}`;
      const cause = `${place} is ${joined.mode}, and ${asked.mode} was asked for`;
      return failed('lockModeDiffers', cause, this.#feed.etcdIndex);
    }
    return undefined;
  }

  #addEntry(command: AcquireCommand, context: ApplyContext): QueueEntry {
    const { space, name, value, ttlMs, mode, limit, client } = command;
    const index = this.#feed.nextIndex;
    const queue = this.#queues.open(space, name, limit, index);
    const holds = holdsAtOnce(queue, mode);
    const node = this.#tree.addFile(queue.node, inOrderKey(index), value, index);
    const deadline = this.#tree.setIdleTtl(node, ttlMs);
    const enteredAt = context.clusterTimeMs;
    const entry = new QueueEntry(queue, node, deadline, mode, enteredAt, undefined, client);
    this.#queues.addEntry(entry);
    this.#counters.of(space).acquired(holds ? 'held' : 'waits');
    if (holds) this.#grant(entry, context);
    else this.#tree.deadlines.schedule(deadline, context.now + ttlMs);
    this.#feed.publish({ action: 'create', node: viewOf(node, keyOf(entry)) });
    this.#listeners.entryAdded(entry);
    if (holds) {
      this.#note(entry, 'granted', context);
      this.#holderChanged(queue);
    }
    return entry;
  }

  /** The entry has the longest TTL of its requests, so none holds for less than it asked for. */
  #stayAsLongAs(entry: QueueEntry, ttlMs: number): void {
    if (ttlMs <= entry.deadline.ttlMs) return;
    this.#tree.setIdleTtl(entry.node, ttlMs);
    resetWaits(entry);
  }

  #renew(command: RenewCommand, context: ApplyContext): CommandResult {
    const entry = this.dropEndedBoots(this.#named(command), context);
    if (entry === undefined) return this.#noSuchEntry(command);
    this.#renewEntry(entry, command.ttlMs, context);
    return this.#entryResult(entry);
  }

  /** A renewal grants nothing. */
  #renewEntry(entry: QueueEntry, ttlMs: number, context: ApplyContext): void {
    const { node, deadline } = entry;
    const key = keyOf(entry);
    const prevNode = viewBefore(node, key, context);
    this.#tree.writeFile(node, node.value, this.#feed.nextIndex);
    if (entry.holds) {
      this.#tree.setTtl(node, ttlMs, context.index, context.now);
    } else {
      this.#tree.setIdleTtl(node, ttlMs);
      this.#tree.deadlines.schedule(deadline, context.now + ttlMs);
      if (entry.keptAt !== undefined) this.#keep(entry, context, entry.mayBeGivenUp);
      resetWaits(entry);
    }
    this.#feed.publish({ action: 'update', node: viewOf(node, key), prevNode });
  }

  #release(command: ReleaseCommand, context: ApplyContext): CommandResult {
    const entry = this.dropEndedBoots(this.#named(command), context);
    if (entry === undefined) return this.#noSuchEntry(command);
    this.remove(entry, command.forced === true ? 'force' : 'delete', context);
    return done(this.#feed.etcdIndex);
  }

  #cancelAcquire(
    command: CancelAcquireCommand,
    asker: Asker | undefined,
    context: ApplyContext,
  ): CommandResult {
    const queue = this.#queues.get(command.space, command.name);
    const entry = this.dropEndedBoots(queue && entryAt(queue, command.index), context);
    if (entry === undefined) return done(this.#feed.etcdIndex);
    if (entry.holds && command.keepIfHolder) return this.#entryResult(entry);
    const left =
      asker !== undefined &&
      this.#attachments.detach(entry, asker.session, command.acquireSequence);
    if (left && command.keepForTtl === true) this.#keep(entry, context, false);
    if (left && entry.attachments.length === 0) this.#leaveAlone(entry, command, context);
    else if (entry.holds) return this.#entryResult(entry);
    return done(this.#feed.etcdIndex);
  }

  /** No request keeps the entry any more. */
  #leaveAlone(entry: QueueEntry, command: CancelAcquireCommand, context: ApplyContext): void {
    const { deadline } = entry;
    if (!staysAlone(entry, command)) this.remove(entry, 'delete', context);
    else if (!entry.holds) this.#tree.deadlines.schedule(deadline, deadline.expiresAt);
  }

  /**
   * Has no effect if a session that keeps the entry has sent a command since, if its place was kept
   * since, or if the entry holds by now.
   */
  expireWaiter(command: ExpireWaiterCommand, context: ApplyContext): boolean {
    const queue = this.#queues.get(command.space, command.name);
    const entry = this.dropEndedBoots(queue && entryAt(queue, command.index), context);
    if (entry === undefined || entry.holds || command.term !== context.term) return false;
    if (entry.keptAt !== command.keptAt) return false;
    const areSilent = entry.attachments.every(({ boot: { session } }) =>
      command.sessions.some(
        ({ memberId, lastCommandIndex }) =>
          memberId === session.memberId && lastCommandIndex === session.lastCommandIndex,
      ),
    );
    if (areSilent) this.remove(entry, 'expire', context);
    return areSilent;
  }

  /**
   * Drops the attachments of ended boots. Returns undefined when nothing else kept the queue entry,
   * so that it is removed. A place that was kept stays for its TTL, in which its client may come
   * back. To be called before a command looks at a queue entry: the command then finds it as if all
   * had gone when the boot ended.
   */
  dropEndedBoots(entry: QueueEntry | undefined, context: ApplyContext): QueueEntry | undefined {
    if (entry === undefined || !isLeftBehind(entry)) return entry;
    const isAlone = this.#attachments.dropEndedBoots(entry);
    if (entry.keptAt !== undefined) this.#keep(entry, context, entry.mayBeGivenUp);
    else if (isAlone) {
      this.remove(entry, 'delete', context);
      return undefined;
    }
    return entry;
  }

  /**
   * Removes the entry and grants those that may hold now, in one step. Nothing else grants a
   * waiter.
   */
  remove(entry: QueueEntry, action: RemovalAction, context: ApplyContext): void {
    const { queue } = entry;
    const held = entry.holds;
    this.#attachments.detachAll(entry);
    // It is unlinked afterwards, because readers look at its neighbours when they are notified.
    const told = action === 'force' ? 'delete' : action;
    publishRemoval(told, entry.node, keyOf(entry), this.#tree, this.#feed, context);
    this.#queues.unlink(entry);
    this.#listeners.entryChanged(entry, 'removed');
    if (held) this.#ended(entry, changeOf[action], context);
    else if (action === 'expire') this.#counters.of(queue.space).waiterExpired();
    const granted = this.#grantWaiting(queue, context);
    if (held || granted) this.#holderChanged(queue);
    if (queue.first === undefined) this.#queues.close(queue);
  }

  /** Costs as much as there are new holders. */
  #grantWaiting(queue: Queue, context: ApplyContext): boolean {
    let granted = false;
    for (;;) {
      const next = firstWaiting(queue);
      if (next === undefined || !admits(queue, next.mode)) return granted;
      // It will be removed by a later step, which then grants the entries behind it.
      if (isAbandoned(next)) return granted;
      this.#grant(next, context);
      this.#note(next, 'granted', context);
      this.#listeners.entryChanged(next, 'granted');
      granted = true;
    }
  }

  /** Starts the TTL in full: waiting does not use any of it up. */
  #grant(entry: QueueEntry, context: ApplyContext): void {
    if (isLeftBehind(entry)) this.#attachments.dropEndedBoots(entry);
    this.#queues.grant(entry, context.clusterTimeMs);
    this.#counters.of(entry.queue.space).waits.add(context.clusterTimeMs - entry.enteredAt);
    this.#tree.setTtl(entry.node, entry.deadline.ttlMs, context.index, context.now);
    resetWaits(entry);
  }

  #ended(entry: QueueEntry, reason: HoldEnd, context: ApplyContext): void {
    const { queue, grantedAt } = entry;
    const heldMs = context.clusterTimeMs - (grantedAt ?? context.clusterTimeMs);
    this.#counters.of(queue.space).holdEnded(reason, heldMs);
    this.#note(entry, reason, context);
  }

  /** To be called after the event of the change is published, since it records the etcd index. */
  #note(
    { queue, index, node }: QueueEntry,
    action: HolderChange['action'],
    context: ApplyContext,
  ): void {
    const { space, name } = queue;
    const { clusterTimeMs } = context;
    const at = this.#feed.etcdIndex;
    this.#queues.history.note({ space, name, at, clusterTimeMs, action, index, value: node.value });
  }

  #holderChanged(queue: Queue): void {
    this.#queues.setHolderChangedIndex(queue, this.#feed.etcdIndex);
    this.#listeners.holderChanged(queue);
  }

  #named({ space, name, index, value }: EntryReference): QueueEntry | undefined {
    const queue = this.#queues.get(space, name);
    if (queue === undefined) return undefined;
    if (index === undefined) return value === undefined ? undefined : queue.byValue?.get(value);
    const entry = entryAt(queue, index);
    return value === undefined || entry?.node.value === value ? entry : undefined;
  }

  #noSuchEntry({ name, index, value }: EntryReference): CommandResult {
    const { etcdIndex } = this.#feed;
    if (index === undefined && value === undefined) {
      return failed('indexOrValueRequired', name, etcdIndex);
    }
    const which = index === undefined ? 'with that value' : `${index}`;
    const andValue = index === undefined || !value ? '' : ' with that value';
    return failed('keyNotFound', `${name} has no place ${which}${andValue}`, etcdIndex);
  }

  #entryResult(entry: QueueEntry): CommandResult {
    return entryResult({ index: entry.index, holds: entry.holds }, this.#feed.etcdIndex);
  }
}

/**
 * A place that was kept stays until the leader finds its TTL over, which may be now: who leaves it
 * without an answer may have asked before the one who was promised that. It goes with a request
 * that joined since, and is told that its time or its hold is over.
 */
function staysAlone(entry: QueueEntry, command: CancelAcquireCommand): boolean {
  const { keepForTtl, keepIfHolder, givesUp } = command;
  if (keepForTtl === true) return true;
  const isGivenUp = givesUp === true || (keepIfHolder && entry.mayBeGivenUp);
  return entry.keptAt !== undefined && !isGivenUp;
}

function keyOf({ queue, node }: QueueEntry): string {
  return joinPath(lockDirectory(queue.space, queue.name), node.name);
}

/** Watchers of keys are told of a forced release as of any deletion. */
type RemovalAction = 'delete' | 'force' | 'expire';

const changeOf = { delete: 'released', force: 'forced', expire: 'expired' } as const;

/** Whether a new entry at the end of the queue would hold. */
function holdsAtOnce(queue: Queue, mode: HoldMode): boolean {
  return queue.last === queue.lastHolder && admits(queue, mode);
}
