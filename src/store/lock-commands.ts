import { assert, assertNever } from '../assert.js';
import type {
  AcquireCommand,
  CancelAcquireCommand,
  ExpireWaiterCommand,
  LockCommand,
  ReleaseCommand,
  RenewCommand,
} from '../command/command.js';
import type { HoldMode } from '../command/hold-rules.js';
import type { HolderChange } from '../command/holder-change.js';
import { inOrderKey, isLockName, lockDirectory } from '../command/lock-path.js';
import { joinPath } from '../command/path.js';
import type { Result } from '../command/result.js';
import type { ApplyContext } from './apply-context.js';
import {
  attach,
  detach,
  detachAll,
  dropEndedBoots,
  isAbandoned,
  isLeftBehind,
  recount,
  settle,
  settleOnConnections,
} from './attachments.js';
import { newDeadline } from './deadlines.js';
import type { EventFeed } from './event-feed.js';
import type { LockListeners } from './lock-listeners.js';
import { Place, placeAt, type Queue } from './node.js';
import { viewBefore, viewOf } from './node-view.js';
import { done, failed, placed } from './outcome.js';
import { admits, countHolder, firstWaiting, insert, type Queues, unlink } from './queues.js';
import { publishRemoval } from './removal.js';
import type { Session } from './session.js';
import type { Tree } from './tree.js';

/** Who asked: where an attachment belongs. Undefined when no member did. */
export interface Asker {
  readonly session: Session;
  readonly sequence: number;
}

/**
 * Locks and elections. Each command is one step, and who holds follows from the order of the log
 * alone: the places at the front of the queue, as many as may hold together.
 */
export class LockCommands {
  readonly #tree: Tree;
  readonly #feed: EventFeed;
  readonly #queues: Queues;
  readonly #listeners: LockListeners;

  constructor(tree: Tree, feed: EventFeed, queues: Queues, listeners: LockListeners) {
    this.#tree = tree;
    this.#feed = feed;
    this.#queues = queues;
    this.#listeners = listeners;
  }

  apply(command: LockCommand, asker: Asker | undefined, context: ApplyContext): Result {
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

  #acquire(command: AcquireCommand, asker: Asker | undefined, context: ApplyContext): Result {
    const known = this.#queues.get(command.space, command.name)?.byValue?.get(command.value);
    const joined = this.dropEndedBoots(known, context);
    const queue = this.#queues.get(command.space, command.name);
    const difference = queue && this.#difference(queue, joined, command);
    if (difference !== undefined) return difference;
    if (joined?.holds === true) {
      this.#renewPlace(joined, command.ttlMs, context);
      this.#joinHolder(joined, command, asker);
      return this.#placed(joined);
    }
    if (command.tryOnly && queue !== undefined && !holdsAtOnce(queue, command.mode)) {
      return failed('lockNotAcquired', lockKey(command), this.#feed.etcdIndex);
    }
    const place = joined ?? this.#takePlace(command, context);
    if (joined !== undefined) this.#stayAsLongAs(joined, command.ttlMs);
    if (asker !== undefined) attach(place, asker, command.holdsConnection, this.#tree);
    return this.#placed(place);
  }

  /**
   * Of all who are told that the place holds, the newest decides how long it stays: until it is released
   * or expires, or until its connection closes (with several such, the last of them).
   */
  #joinHolder(place: Place, { holdsConnection }: AcquireCommand, asker: Asker | undefined): void {
    if (!holdsConnection || asker === undefined) settle(place, this.#tree);
    else {
      settleOnConnections(place, this.#tree);
      attach(place, asker, holdsConnection, this.#tree);
    }
  }

  /** Why the request does not go together with the lock as it is. */
  #difference(queue: Queue, joined: Place | undefined, asked: AcquireCommand): Result | undefined {
    if (queue.limit !== asked.limit) {
      const cause = `${lockKey(asked)} has limit ${queue.limit}, and limit ${asked.limit} was asked for`;
      return failed('lockLimitDiffers', cause, this.#feed.etcdIndex);
    }
    if (joined !== undefined && joined.mode !== asked.mode) {
      const cause = `${keyOf(joined)} is ${joined.mode}, and ${asked.mode} was asked for`;
      return failed('lockModeDiffers', cause, this.#feed.etcdIndex);
    }
    return undefined;
  }

  #takePlace(command: AcquireCommand, context: ApplyContext): Place {
    const { space, name, value, ttlMs, mode, limit } = command;
    const index = this.#feed.nextIndex;
    const queue = this.#queues.open(space, name, limit, index);
    const holds = holdsAtOnce(queue, mode);
    const node = this.#tree.addFile(queue.node, inOrderKey(index), value, index);
    const deadline = newDeadline(node);
    deadline.ttlMs = ttlMs;
    const place = new Place(queue, node, deadline, mode, context.clusterTimeMs);
    node.role = place;
    insert(queue, place);
    if (holds) this.#grant(place, context);
    else this.#tree.deadlines.awake(deadline, context.now + ttlMs);
    this.#feed.publish({ action: 'create', node: viewOf(node, keyOf(place)) });
    this.#listeners.placeAdded(place);
    if (holds) {
      this.#note(place, 'granted', context);
      this.#holderChanged(queue);
    }
    return place;
  }

  /** Of all who wait on a place, none holds for a shorter time than it asked for. */
  #stayAsLongAs(place: Place, ttlMs: number): void {
    if (ttlMs <= place.deadline.ttlMs) return;
    this.#tree.touch(place.node);
    place.deadline.ttlMs = ttlMs;
    recount(place);
  }

  #renew(command: RenewCommand, context: ApplyContext): Result {
    const place = this.dropEndedBoots(this.#named(command), context);
    if (place === undefined) return this.#noSuchPlace(command);
    this.#renewPlace(place, command.ttlMs, context);
    return this.#placed(place);
  }

  /** Grants nothing to anybody, whoever waits behind. */
  #renewPlace(place: Place, ttlMs: number, context: ApplyContext): void {
    const { node, deadline } = place;
    const key = keyOf(place);
    const prevNode = viewBefore(node, key, context);
    this.#tree.touch(node);
    node.modifiedIndex = this.#feed.nextIndex;
    if (place.holds) {
      this.#tree.deadlines.start(deadline, ttlMs, context.index, context.now);
    } else {
      deadline.ttlMs = ttlMs;
      this.#tree.deadlines.awake(deadline, context.now + ttlMs);
      recount(place);
    }
    this.#feed.publish({ action: 'update', node: viewOf(node, key), prevNode });
  }

  #release(command: ReleaseCommand, context: ApplyContext): Result {
    const place = this.dropEndedBoots(this.#named(command), context);
    if (place === undefined) return this.#noSuchPlace(command);
    this.remove(place, 'delete', context);
    return done(this.#feed.etcdIndex);
  }

  #cancelAcquire(
    command: CancelAcquireCommand,
    asker: Asker | undefined,
    context: ApplyContext,
  ): Result {
    const queue = this.#queues.get(command.space, command.name);
    const place = this.dropEndedBoots(queue && placeAt(queue, command.index), context);
    if (place === undefined) return done(this.#feed.etcdIndex);
    if (place.holds && command.keepIfHolder) return this.#placed(place);
    const left =
      asker !== undefined && detach(place, asker.session, command.acquireSequence, this.#tree);
    if (left && place.attachments.length === 0) this.remove(place, 'delete', context);
    else if (place.holds) return this.#placed(place);
    return done(this.#feed.etcdIndex);
  }

  /** Void when a session that keeps the place was heard of since, or when the place holds by now. */
  expireWaiter(command: ExpireWaiterCommand, context: ApplyContext): boolean {
    const queue = this.#queues.get(command.space, command.name);
    const place = this.dropEndedBoots(queue && placeAt(queue, command.index), context);
    if (place === undefined || place.holds || command.term !== context.term) return false;
    const areSilent = place.attachments.every(({ boot: { session } }) =>
      command.sessions.some(
        ({ memberId, lastCommandIndex }) =>
          memberId === session.memberId && lastCommandIndex === session.lastCommandIndex,
      ),
    );
    if (areSilent) this.remove(place, 'expire', context);
    return areSilent;
  }

  /**
   * The place without what ended boots left on it; undefined when nothing else kept it, so that it went. Before a command
   * looks at a place, so that it finds the place as if all had gone when the boot ended.
   */
  dropEndedBoots(place: Place | undefined, context: ApplyContext): Place | undefined {
    if (place === undefined || !isLeftBehind(place)) return place;
    if (!dropEndedBoots(place, this.#tree)) return place;
    this.remove(place, 'delete', context);
    return undefined;
  }

  /** Who may hold in its stead does so from this same step on. Anything else grants nothing. */
  remove(place: Place, action: 'delete' | 'expire', context: ApplyContext): void {
    const { queue } = place;
    const held = place.holds;
    detachAll(place);
    // Its neighbours are known for as long as readers are told that it goes.
    publishRemoval(action, place.node, keyOf(place), this.#tree, this.#feed, context);
    unlink(queue, place);
    this.#listeners.placeChanged(place, 'removed');
    if (held) this.#note(place, action === 'expire' ? 'expired' : 'released', context);
    const granted = this.#grantWaiting(queue, context);
    if (held || granted) this.#holderChanged(queue);
    if (queue.first === undefined) this.#queues.close(queue);
  }

  /** Costs as much as there are places that hold now and did not before. */
  #grantWaiting(queue: Queue, context: ApplyContext): boolean {
    let granted = false;
    for (;;) {
      const next = firstWaiting(queue);
      if (next === undefined || !admits(queue, next.mode)) return granted;
      // It is about to go, and those behind it hold when it does.
      if (isAbandoned(next)) return granted;
      this.#grant(next, context);
      this.#note(next, 'granted', context);
      this.#listeners.placeChanged(next, 'granted');
      granted = true;
    }
  }

  /** The TTL of a place starts, in full, when it holds: while it waited, nothing of it was used up. */
  #grant(place: Place, context: ApplyContext): void {
    const { queue, deadline } = place;
    assert(firstWaiting(queue) === place, 'nobody is overtaken');
    if (isLeftBehind(place)) dropEndedBoots(place, this.#tree);
    this.#tree.touch(place.node);
    place.grantedAt = context.clusterTimeMs;
    countHolder(queue, place);
    this.#tree.deadlines.start(deadline, deadline.ttlMs, context.index, context.now);
    recount(place);
  }

  /** Once the event that shows the change is published. */
  #note(
    { queue, index, node }: Place,
    action: HolderChange['action'],
    context: ApplyContext,
  ): void {
    const { space, name } = queue;
    const { clusterTimeMs } = context;
    const at = this.#feed.etcdIndex;
    this.#queues.history.note({ space, name, at, clusterTimeMs, action, index, value: node.value });
  }

  #holderChanged(queue: Queue): void {
    this.#tree.touch(queue.node);
    queue.holderChangedIndex = this.#feed.etcdIndex;
    this.#listeners.holderChanged(queue);
  }

  #named({ space, name, index, value }: RenewCommand | ReleaseCommand): Place | undefined {
    const queue = this.#queues.get(space, name);
    if (queue === undefined) return undefined;
    if (index === undefined) return value === undefined ? undefined : queue.byValue?.get(value);
    const place = placeAt(queue, index);
    return value === undefined || place?.node.value === value ? place : undefined;
  }

  #noSuchPlace(command: RenewCommand | ReleaseCommand): Result {
    if (command.index === undefined && command.value === undefined) {
      return failed('indexOrValueRequired', lockKey(command), this.#feed.etcdIndex);
    }
    const { index } = command;
    const key =
      index === undefined ? lockKey(command) : joinPath(lockKey(command), inOrderKey(index));
    return failed('keyNotFound', key, this.#feed.etcdIndex);
  }

  #placed(place: Place): Result {
    return placed({ index: place.index, holds: place.holds }, this.#feed.etcdIndex);
  }
}

function lockKey({ space, name }: Pick<LockCommand, 'space' | 'name'>): string {
  return lockDirectory(space, name);
}

function keyOf({ queue, node }: Place): string {
  return joinPath(lockDirectory(queue.space, queue.name), node.name);
}

/** Whether a place at the end of the queue would hold. */
function holdsAtOnce(queue: Queue, mode: HoldMode): boolean {
  return queue.last === queue.lastHolder && admits(queue, mode);
}
