import { mayHoldTogether } from './hold-rule.js';
import type { AcquireOperation, Claim, LockOperation, SeenEntry } from './operation.js';

/**
 * A queue entry that may have held while nobody was told: its client left, gave up, was refused
 * late or has yet to come back. When it began to hold, and when it ceased to, is not known.
 */
export interface UnseenGrant {
  readonly id: number;
  /** It cannot have begun to hold before this one asked. */
  readonly operation: AcquireOperation;
  /** Undefined where nobody was told. */
  readonly token: number | undefined;
  /** It holds no more after this: its client was told that it does not. */
  readonly goneBy: number;
}

/** One for each queue entry. Who comes back to one adds none. */
export function unseenGrants(operations: readonly LockOperation[]): readonly UnseenGrant[] {
  const acquires = operations
    .filter((operation) => operation.type === 'acquire')
    .toSorted((one, other) => one.start - other.start);
  const found = [...withoutToken(acquires), ...withToken(acquires)];
  return found
    .map((grant, id) => ({ ...grant, id }))
    .sort((one, other) => one.goneBy - other.goneBy);
}

type Found = Omit<UnseenGrant, 'id'>;

function withoutToken(acquires: readonly AcquireOperation[]): readonly Found[] {
  return acquires.flatMap((operation) => {
    const { tryOnly, result, end, place } = operation;
    if (place !== undefined || 'token' in result) return [];
    if (result.type === 'fail' && tryOnly) return [];
    const goneBy = result.type === 'unknown' ? Number.POSITIVE_INFINITY : end;
    return [{ operation, token: undefined, goneBy }];
  });
}

/** Each was still waiting when its client was told so for the last time. */
function withToken(acquires: readonly AcquireOperation[]): readonly Found[] {
  const ends = endsOfPlaces(acquires);
  const known = new Map<number, AcquireOperation>();
  for (const operation of acquires) {
    const { result } = operation;
    if (result.type === 'kept') known.set(result.token, operation);
    if (result.type !== 'left' || known.has(result.token)) continue;
    known.set(result.token, operation);
  }
  return [...known].map(([token, operation]) => {
    return { operation, token, goneBy: ends.get(token) ?? Number.POSITIVE_INFINITY };
  });
}

/** When those who came back were told that the queue entry is gone. */
function endsOfPlaces(acquires: readonly AcquireOperation[]): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  for (const { place, result, tryOnly, end } of acquires) {
    const isGone = result.type === 'removed' || (result.type === 'fail' && !tryOnly);
    if (place === undefined || !isGone) continue;
    ends.set(place, Math.min(end, ends.get(place) ?? end));
  }
  return ends;
}

/** Whether the queue entry that was seen may be this one. */
export function mayBe(
  { token, operation }: Pick<UnseenGrant, 'token' | 'operation'>,
  seen: SeenEntry,
): boolean {
  return operation.value === seen.value && (token === undefined || token === seen.token);
}

/** Whether it can have begun to hold before a later one did, and only now be noticed. */
export function maySurface({ operation }: UnseenGrant): boolean {
  return mayHoldTogether([operation.claim, operation.claim]);
}

export interface Wanted {
  readonly now: number;
  /** It has to hold by then. */
  readonly by: number;
  /** Undefined: any will do. */
  readonly entry: SeenEntry | undefined;
  readonly spent: readonly number[];
  readonly except: LockOperation;
}

/**
 * Those that may be what held. Of the ones that are alike, have begun and last equally long, one
 * stands for all. One that has yet to begin costs time, so that each is another way.
 */
export function usefulGrants(
  grants: readonly UnseenGrant[],
  { now, by, entry, spent, except }: Wanted,
): readonly UnseenGrant[] {
  const kinds = new Set<string>();
  return grants.filter((grant) => {
    const { id, operation, token, goneBy } = grant;
    const { start } = operation;
    if (start > by || goneBy < Math.max(now, start) || spent.includes(id)) return false;
    if (operation === except || (entry !== undefined && !mayBe(grant, entry))) return false;
    if (start > now) return true;
    const kind = `${kindOf(operation.claim)} ${goneBy} ${token} ${operation.value}`;
    if (kinds.has(kind)) return false;
    kinds.add(kind);
    return true;
  });
}

function kindOf({ mode, limit }: Claim): string {
  return `${mode} ${limit}`;
}
