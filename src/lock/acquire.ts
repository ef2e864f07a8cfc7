import { assert, assertNever } from '../assert.js';
import type { CommandError } from '../command/command-result.js';
import type { HoldMode } from '../command/hold-rules.js';
import type { Identity } from '../command/identity.js';
import type { LockSpace } from '../command/lock-path.js';
import type { Applied, Coordinator } from '../member/coordinator.js';
import { waitForGrant } from './grant-wait.js';
import {
  cancelOf,
  type HeldLock,
  type LockHandle,
  leaseMargins,
  renewalOf,
} from './lock-handle.js';
import type { PendingCancels } from './pending-cancels.js';
import { hasLostRight } from './right-lost.js';
import { type TimedResult, withTimeout } from './with-timeout.js';

export interface LockHost {
  readonly coordinator: Coordinator;
  readonly pendingCancels: PendingCancels;
  /** How long a request waits for the cluster. Waiting for the grant does not count. */
  readonly requestTimeoutMs: number;
}

export interface AcquireRequest {
  readonly space: LockSpace;
  readonly name: string;
  readonly value: string;
  /** The client's address, for an entry without a value; undefined for others. */
  readonly client?: string | undefined;
  /** Of the user who asks; undefined for a guest. */
  readonly identity?: Identity | undefined;
  readonly ttlMs: number;
  readonly mode: HoldMode;
  readonly limit: number;
  /** The lock is to be held for as long as the connection lives: see `holdConnection`. */
  readonly holdsConnection: boolean;
  /** The queue entry to join. None is added then. */
  readonly index: number | undefined;
  /** However the request ends without the lock, its queue entry stays for its TTL. */
  readonly keepsPlace: boolean;
  /** From `receivedAt` on. Infinite: as long as it takes. Zero: one try, without queueing. */
  readonly timeoutMs: number;
  /** On the member's clock. A grant is never older than its request. */
  readonly receivedAt: number;
  /** Fires when the client is gone, or the member stops. */
  readonly signal: AbortSignal;
  /** Fires when the member stops. */
  readonly stopping: AbortSignal;
}

/** What is left of a request while it waits: its value may be large, and is in the queue then. */
interface Wait extends Omit<AcquireRequest, 'value' | 'client'> {
  /** Its client can come back to its queue entry without being told of the index. */
  readonly isNamed: boolean;
}

/** After `timeoutMs` a known leader has so long to confirm that the request holds, or has left. */
const lateAnswerMs = 1000;

export type AcquireOutcome =
  | ({ readonly type: 'held' } & HeldLock)
  | { readonly type: 'refused'; readonly error: CommandError }
  | { readonly type: 'timedOut'; readonly index: number }
  /** The queue entry was deleted or has expired. */
  | { readonly type: 'removed'; readonly index: number }
  /** No leader in time. If the acquire still takes effect, it is cancelled at once. */
  | { readonly type: 'unavailable'; readonly index: number | undefined }
  /** The member stops, and the queue entry stays for its TTL. */
  | { readonly type: 'handedOver'; readonly index: number }
  /** The client is gone, or the member stops, and its queue entry is cancelled. */
  | { readonly type: 'abandoned' };

/**
 * Enters the queue and waits for the grant. However that ends, no queue entry stays behind that the
 * client was not told of, unless the client asked for that.
 * @throws {UnavailableError} when no leader was known in time, when too many commands wait here
 *   already, or when the member stops.
 */
export function acquire(host: LockHost, request: AcquireRequest): Promise<AcquireOutcome> {
  const { value, client, ...rest } = request;
  const { space, name, ttlMs, mode, limit, holdsConnection, index, identity } = rest;
  const keepsPlace = rest.keepsPlace || undefined;
  const hold = { mode, limit, holdsConnection, keepsPlace };
  const tryOnly = request.timeoutMs === 0;
  // Once it was sent to a leader, the proposal has no timeout: one that ended without a result
  // might leave a queue entry behind whose index nobody knows.
  const command = { type: 'acquire', space, name, value, ttlMs, tryOnly, ...hold } as const;
  let onQuorumLoss = () => {};
  const quorumLost = new Promise<undefined>((resolve) => {
    onQuorumLoss = () => resolve(undefined);
  });
  const asked = host.coordinator.propose({ ...command, index, client }, Number.POSITIVE_INFINITY, {
    unsentTimeoutMs: host.requestTimeoutMs,
    onQuorumLoss,
    identity,
  });
  const wait = { ...rest, isNamed: value !== '' || index !== undefined };
  return waitFor(host, wait, asked, quorumLost);
}

async function waitFor(
  host: LockHost,
  request: Wait,
  asked: Promise<Applied>,
  quorumLost: Promise<undefined>,
): Promise<AcquireOutcome> {
  const { space, name, isNamed, keepsPlace, stopping } = request;
  const answer = await withTimeout(
    Promise.race([asked, quorumLost]),
    host.coordinator.clock,
    ownMs(host, request),
    request.signal,
  );
  if (answer.type !== 'done' || answer.value === undefined) {
    const givesUp = !mayStay(request) || undefined;
    const keepForTtl = !givesUp && (keepsPlace || (isNamed && stopping.aborted));
    host.pendingCancels.cancelOnceApplied({ space, name, keepForTtl, givesUp }, asked);
    return answer.type === 'aborted'
      ? { type: 'abandoned' }
      : { type: 'unavailable', index: undefined };
  }
  const { result, sequence } = answer.value;
  if (result.type === 'error') return { type: 'refused', error: result.error };
  assert(
    result.type === 'queueEntry',
    `an acquire ends with a queue entry, not with ${result.type}`,
  );
  return await waitToHold(host, request, { space, name, index: result.entry.index, sequence });
}

async function waitToHold(
  host: LockHost,
  request: Wait,
  handle: LockHandle,
): Promise<AcquireOutcome> {
  const { timeoutMs, receivedAt, signal } = request;
  const remainingMs = timeoutMs - (host.coordinator.clock.now() - receivedAt);
  const end = await waitForGrant(host.coordinator, handle, remainingMs, signal);
  switch (end) {
    case 'granted':
      return await confirm(host, request, handle);
    case 'removed':
      return { type: 'removed', index: handle.index };
    case 'timeout':
      return await cancelUnlessHolding(host, request, handle);
    case 'aborted':
      return await leave(host, request, handle);
    default:
      return assertNever(end);
  }
}

/**
 * A member that was partitioned or paused may see a grant long after it was made. Until nine tenths
 * of the TTL have passed since the request arrived, the lease cannot have run out. After that, what
 * this member sees proves nothing until the leader has confirmed it.
 */
async function confirm(host: LockHost, request: Wait, handle: LockHandle): Promise<AcquireOutcome> {
  const { clock, state } = host.coordinator;
  const { space, name, index } = handle;
  const leaseShare = request.holdsConnection ? leaseMargins.renewal : leaseMargins.trusted;
  let earliestLeaseStart = request.receivedAt;
  for (;;) {
    if (request.signal.aborted) return await leave(host, request, handle);
    const entry = state.locks.queueEntry(space, name, index);
    if (entry?.holds !== true) return { type: 'removed', index };
    if (clock.now() - earliestLeaseStart < leaseShare * entry.ttlMs) {
      return { type: 'held', ...handle, earliestLeaseStart };
    }
    earliestLeaseStart = clock.now();
    const confirmed: Promise<unknown> = request.holdsConnection
      ? host.coordinator.propose(renewalOf(handle, entry.ttlMs), Number.POSITIVE_INFINITY, {
          identity: request.identity,
        })
      : host.coordinator.readBarrier(Number.POSITIVE_INFINITY);
    const remainingMs = request.receivedAt + request.timeoutMs - clock.now();
    try {
      const withinMs = Math.max(remainingMs, lateMs(host));
      const { type } = await withTimeout(confirmed, clock, withinMs, request.signal);
      if (type === 'timeout') {
        abandon(host, request, handle);
        return { type: 'unavailable', index };
      }
    } catch (error) {
      abandon(host, request, handle);
      throw error;
    }
  }
}

/** The log decides whether the grant or the timeout came first. */
async function cancelUnlessHolding(
  host: LockHost,
  request: Wait,
  handle: LockHandle,
): Promise<AcquireOutcome> {
  const command = { ...cancelOf(handle, request.keepsPlace), keepIfHolder: true };
  const left = host.coordinator.propose(command, Number.POSITIVE_INFINITY);
  let answer: TimedResult<Applied>;
  try {
    answer = await withTimeout(left, host.coordinator.clock, lateMs(host), request.signal);
  } catch (error) {
    abandon(host, request, handle);
    throw error;
  }
  if (answer.type === 'aborted') return await leave(host, request, handle);
  if (answer.type === 'timeout') {
    abandon(host, request, handle);
    return { type: 'unavailable', index: handle.index };
  }
  const { result } = answer.value;
  if (result.type === 'queueEntry' && result.entry.holds)
    return await confirm(host, request, handle);
  return { type: 'timedOut', index: handle.index };
}

/** The client is gone, or will be told to go on at another member. */
async function leave(host: LockHost, request: Wait, handle: LockHandle): Promise<AcquireOutcome> {
  if (!request.stopping.aborted || !mayStay(request)) return abandon(host, request, handle);
  const { coordinator, pendingCancels, requestTimeoutMs } = host;
  const left = pendingCancels.cancel(cancelOf(handle, true));
  // Without a majority the queue entry stays as that of a member that was killed.
  await withTimeout(left, coordinator.clock, requestTimeoutMs, new AbortController().signal);
  return { type: 'handedOver', index: handle.index };
}

function abandon(host: LockHost, request: Wait, handle: LockHandle): AcquireOutcome {
  const givesUp = !mayStay(request) || undefined;
  const keepForTtl = request.keepsPlace && !givesUp;
  void host.pendingCancels.cancel({ ...cancelOf(handle, keepForTtl), givesUp });
  return { type: 'abandoned' };
}

/** The place of a user who may not be there any more is not kept, whatever the request says. */
function mayStay({ signal }: Wait): boolean {
  return !hasLostRight(signal);
}

/** How long the cluster has to put the request into the queue: not longer than its own time. */
function ownMs({ coordinator, requestTimeoutMs }: LockHost, request: Wait): number {
  const { timeoutMs, receivedAt } = request;
  if (timeoutMs === 0) return requestTimeoutMs;
  return Math.min(requestTimeoutMs, timeoutMs - (coordinator.clock.now() - receivedAt));
}

/** The request's own time is over: a member that knows no leader has nothing to wait for. */
function lateMs({ coordinator, requestTimeoutMs }: LockHost): number {
  if (coordinator.status().leaderId === undefined) return 0;
  return Math.min(requestTimeoutMs, lateAnswerMs);
}
