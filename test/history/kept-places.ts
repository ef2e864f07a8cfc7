import type { ClockBounds } from './certain-holds.js';
import {
  type AcquireOperation,
  describe,
  isKept,
  type KeptOperation,
  type LockOperation,
  mayJoin,
} from './operation.js';

/**
 * Who comes back to a place gets that one and no other, and finds it for as long as it was promised
 * to stay.
 */
export function placeFaults(
  operations: readonly LockOperation[],
  clocks: ClockBounds,
): readonly string[] {
  const acquires = operations.filter((operation) => operation.type === 'acquire');
  const returns = acquires.filter(({ place }) => place !== undefined);
  return [
    ...returns.filter(isElsewhere).map((each) => `another place than its own: ${describe(each)}`),
    ...returns
      .filter(({ result }) => result.type === 'removed')
      .flatMap((lost) => lostPlaces(lost, acquires, operations, clocks)),
  ];
}

function isElsewhere({ place, result }: AcquireOperation): boolean {
  return 'token' in result && result.token !== place;
}

/** The promises that were broken, if nobody could have ended the place. */
function lostPlaces(
  lost: AcquireOperation,
  acquires: readonly AcquireOperation[],
  operations: readonly LockOperation[],
  { shortest }: ClockBounds,
): readonly string[] {
  const promises = acquires.filter(
    (each): each is KeptOperation => isKept(each) && each.result.token === lost.place,
  );
  return promises.flatMap(({ start, end, ttlMs }) => {
    const early = start + ttlMs * shortest - lost.end;
    if (end > lost.start || early <= 0 || mayHaveEnded(lost, ttlMs, operations)) return [];
    return [`gone ${early.toFixed(1)} ms or more before its TTL ended: ${describe(lost)}`];
  });
}

/**
 * Somebody released it, gave it up after waiting there without keep, lost the right to wait there,
 * or may have shortened its TTL while it held. Who leaves it unheard does not end it; of others one
 * cannot know what they heard.
 */
function mayHaveEnded(
  lost: AcquireOperation,
  promisedMs: number,
  operations: readonly LockOperation[],
): boolean {
  const { place, value, client } = lost;
  return operations.some((other) => {
    if (other.type === 'view' || other.start >= lost.end) return false;
    if (other.type === 'release') return other.token === place;
    if (other.type === 'renew') return other.token === place && other.ttlMs < promisedMs;
    if (place === undefined || !mayJoin(other, { token: place, value })) return false;
    const isUnheard = other.result.type === 'unknown' && other.client !== client;
    const hasLeft = other.result.type === 'fail' && !other.tryOnly;
    const hasLostRight = other.result.type === 'unknown' && other.result.lostRight === true;
    return hasLeft || hasLostRight || isUnheard || other.ttlMs < promisedMs;
  });
}
