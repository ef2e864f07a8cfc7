import { assert, assertNever } from '../assert.js';
import type { LeaveCommand, LockSpace } from '../command/command.js';
import type { CommandError } from '../command/result.js';
import type { Applied, Coordinator } from '../member/coordinator.js';
import type { Departures } from './departures.js';
import { type Patience, withPatience } from './patience.js';
import { waitForPlace } from './place-wait.js';

export interface LockHost {
  readonly coordinator: Coordinator;
  readonly departures: Departures;
  /** How long a request waits for the cluster; waiting for the lock itself does not count. */
  readonly requestTimeoutMs: number;
}

export interface AcquireRequest {
  readonly space: LockSpace;
  readonly name: string;
  readonly value: string;
  readonly ttlMs: number;
  /** From `receivedAt` on. Infinite: as long as it takes. Zero: one try, without a place in the queue. */
  readonly timeoutMs: number;
  /** On the member's clock: a grant is never older than the request for it. */
  readonly receivedAt: number;
  /** The client left. */
  readonly signal: AbortSignal;
}

export type AcquireOutcome =
  | { readonly type: 'held'; readonly index: number }
  | { readonly type: 'refused'; readonly error: CommandError }
  | { readonly type: 'timedOut' }
  /** Its place was deleted or has expired. */
  | { readonly type: 'removed'; readonly index: number }
  /** No leader in time. If the request still takes effect, its place is given up at once. */
  | { readonly type: 'unavailable' }
  /** The client left; so does its place. */
  | { readonly type: 'abandoned' };

/** What is needed to leave again. */
interface Ticket {
  readonly index: number;
  readonly sequence: number;
}

/**
 * Takes a place in the queue and waits until it holds. Nothing that the client did not hear of
 * stays behind, however it ends.
 * @throws {UnavailableError} when the member stops.
 */
export async function acquire(host: LockHost, request: AcquireRequest): Promise<AcquireOutcome> {
  const { space, name, value, ttlMs } = request;
  const tryOnly = request.timeoutMs === 0;
  // Without a limit of its own: one that ended without an answer would leave a place behind that
  // nobody can name.
  const asked = host.coordinator.propose(
    { type: 'acquire', space, name, value, ttlMs, tryOnly },
    Number.POSITIVE_INFINITY,
  );
  const answer = await patiently(host, request, asked);
  if (answer.type !== 'done') {
    host.departures.leaveOnceApplied({ space, name }, asked);
    return givenUp(answer.type);
  }
  const { result, sequence } = answer.value;
  if (result.type === 'error') return { type: 'refused', error: result.error };
  assert(result.type === 'place', `an acquire ends with a place, not with ${result.type}`);
  return await waitToHold(host, request, { index: result.place.index, sequence });
}

async function waitToHold(
  host: LockHost,
  request: AcquireRequest,
  ticket: Ticket,
): Promise<AcquireOutcome> {
  const { space, name, timeoutMs, receivedAt, signal } = request;
  const { index } = ticket;
  const remainingMs = timeoutMs - (host.coordinator.clock.now() - receivedAt);
  const end = await waitForPlace(host.coordinator, { space, name, index }, remainingMs, signal);
  switch (end) {
    case 'granted':
      return await confirm(host, request, ticket);
    case 'removed':
      return { type: 'removed', index };
    case 'timeout':
      return await leaveUnlessHolding(host, request, ticket);
    case 'aborted':
      return abandon(host, request, ticket);
    default:
      return assertNever(end);
  }
}

/**
 * A member that was cut off or stopped may see a grant long after it was made. While less than
 * nine tenths of the TTL have passed since the request came, the grant is younger than its TTL.
 * Later, what this member sees proves nothing until the leader has confirmed it.
 */
async function confirm(
  host: LockHost,
  request: AcquireRequest,
  ticket: Ticket,
): Promise<AcquireOutcome> {
  const { clock, state } = host.coordinator;
  const { index } = ticket;
  let freshAt = request.receivedAt;
  for (;;) {
    if (request.signal.aborted) return abandon(host, request, ticket);
    const place = state.place(request.space, request.name, index);
    if (place?.holds !== true) return { type: 'removed', index };
    if (clock.now() - freshAt < 0.9 * place.ttlMs) return { type: 'held', index };
    freshAt = clock.now();
    const barrier = host.coordinator.readBarrier(Number.POSITIVE_INFINITY);
    await withPatience(barrier, clock, Number.POSITIVE_INFINITY, request.signal);
  }
}

/** The log decides whether the grant or the end of the patience came first. */
async function leaveUnlessHolding(
  host: LockHost,
  request: AcquireRequest,
  ticket: Ticket,
): Promise<AcquireOutcome> {
  const command = { ...leaveOf(request, ticket), keepIfHolder: true };
  const left = host.coordinator.propose(command, Number.POSITIVE_INFINITY);
  let answer: Patience<Applied>;
  try {
    answer = await patiently(host, request, left);
  } catch (error) {
    abandon(host, request, ticket);
    throw error;
  }
  if (answer.type !== 'done') {
    abandon(host, request, ticket);
    return givenUp(answer.type);
  }
  const { result } = answer.value;
  if (result.type === 'place' && result.place.holds) return await confirm(host, request, ticket);
  return { type: 'timedOut' };
}

function abandon(host: LockHost, request: AcquireRequest, ticket: Ticket): AcquireOutcome {
  host.departures.leave(leaveOf(request, ticket));
  return { type: 'abandoned' };
}

function leaveOf({ space, name }: AcquireRequest, { index, sequence }: Ticket): LeaveCommand {
  return { type: 'leave', space, name, index, acquireSequence: sequence, keepIfHolder: false };
}

function patiently(
  host: LockHost,
  request: AcquireRequest,
  applied: Promise<Applied>,
): Promise<Patience<Applied>> {
  return withPatience(applied, host.coordinator.clock, host.requestTimeoutMs, request.signal);
}

function givenUp(how: 'timeout' | 'aborted'): AcquireOutcome {
  return { type: how === 'timeout' ? 'unavailable' : 'abandoned' };
}
