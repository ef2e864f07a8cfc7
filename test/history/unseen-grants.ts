import type { AcquireOperation, Claim, LockOperation } from './operation.js';

/**
 * A queue entry that nobody was told of, and that may have held: its client left, gave up or was
 * refused late. When it began to hold, and when it ceased to, is not known.
 */
export interface UnseenGrant {
  readonly id: number;
  readonly operation: AcquireOperation;
  /** It holds no more after this: its client was told that it does not. */
  readonly goneBy: number;
}

export function unseenGrants(operations: readonly LockOperation[]): readonly UnseenGrant[] {
  const found: UnseenGrant[] = [];
  for (const operation of operations) {
    if (operation.type !== 'acquire' || operation.result.type === 'ok') continue;
    const { tryOnly, result, end } = operation;
    if (result.type === 'fail' && tryOnly) continue;
    const goneBy = result.type === 'unknown' ? Number.POSITIVE_INFINITY : end;
    found.push({ id: found.length, operation, goneBy });
  }
  return found.sort((one, other) => one.goneBy - other.goneBy);
}

export interface Wanted {
  readonly now: number;
  /** It has to hold by then. */
  readonly by: number;
  readonly value: string | undefined;
  readonly spent: readonly number[];
  readonly except: LockOperation;
}

/**
 * Those that may be what held. Of the ones that are alike, have begun and last equally long, one
 * stands for all. One that has yet to begin costs time, so that each is another way.
 */
export function usefulGrants(
  grants: readonly UnseenGrant[],
  { now, by, value, spent, except }: Wanted,
): readonly UnseenGrant[] {
  const kinds = new Set<string>();
  return grants.filter(({ id, operation, goneBy }) => {
    const { start } = operation;
    if (start > by || goneBy < Math.max(now, start) || spent.includes(id)) return false;
    if (operation === except || (value !== undefined && operation.value !== value)) return false;
    if (start > now) return true;
    const kind = `${kindOf(operation.claim)} ${goneBy} ${operation.value}`;
    if (kinds.has(kind)) return false;
    kinds.add(kind);
    return true;
  });
}

function kindOf({ mode, limit }: Claim): string {
  return `${mode} ${limit}`;
}
