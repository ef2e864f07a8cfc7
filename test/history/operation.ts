/** Who may hold a lock together. */
export interface Claim {
  readonly mode: 'exclusive' | 'shared';
  /** So many exclusive queue entries may hold at one time. */
  readonly limit: number;
}

export const alone: Claim = { mode: 'exclusive', limit: 1 };

/**
 * What one client asked of one lock, and what it was told. Times are of one clock, in milliseconds.
 */
export type LockOperation = AcquireOperation | RenewOperation | ReleaseOperation | ViewOperation;

interface Asked {
  /** Asks one thing after the other, never two at a time of one lock. */
  readonly client: string;
  readonly lock: string;
  readonly start: number;
  /**
   * When it was answered or gave up. What is unknown then may take effect at any time after, or
   * never.
   */
  readonly end: number;
}

export interface AcquireOperation extends Asked {
  readonly type: 'acquire';
  /** Not empty: it joins the queue entry that has the same value. */
  readonly value: string;
  readonly ttlMs: number;
  readonly claim: Claim;
  /** It entered the queue only if it held at once. */
  readonly tryOnly: boolean;
  /** The token of the queue entry that it comes back to. It adds none. */
  readonly place: number | undefined;
  /**
   * `kept`: somebody else held for as long as it waited, and its queue entry stays for its TTL.
   * `left`: nothing is known but its queue entry. `fail`: somebody else held for as long as it
   * waited. `removed`: its queue entry was deleted or has expired. `unknown`: also when the client
   * left, for whatever was granted to it is given back some time. `lostRight`: it was ended since
   * its user may not wait any more, and its place is given up.
   */
  readonly result:
    | { readonly type: 'ok' | 'kept' | 'left'; readonly token: number }
    | { readonly type: 'fail' | 'removed' }
    | { readonly type: 'unknown'; readonly lostRight?: boolean };
}

interface OnToken extends Asked {
  readonly token: number;
  /** `fail`: there is no such queue entry. */
  readonly result: 'ok' | 'fail' | 'unknown';
}

export interface RenewOperation extends OnToken {
  readonly type: 'renew';
  readonly ttlMs: number;
}

/** Also the deletion of a queue entry that waits. */
export interface ReleaseOperation extends OnToken {
  readonly type: 'release';
}

/** A linearizable look at the whole queue. One that failed is of no use and in no history. */
export interface ViewOperation extends Asked {
  readonly type: 'view';
  readonly holders: readonly SeenEntry[];
  readonly waiting: readonly SeenEntry[];
}

export interface SeenEntry {
  readonly token: number;
  readonly value: string;
}

export type TokenOperation = RenewOperation | ReleaseOperation;

export type ToldOperation = AcquireOperation & {
  readonly result: { readonly type: 'ok'; readonly token: number };
};

export type KeptOperation = AcquireOperation & {
  readonly result: { readonly type: 'kept'; readonly token: number };
};

/** Somebody was told that it holds. */
export function isTold(operation: LockOperation): operation is ToldOperation {
  return operation.type === 'acquire' && operation.result.type === 'ok';
}

/** Somebody was told that it waits, and may come back. */
export function isKept(operation: LockOperation): operation is KeptOperation {
  return operation.type === 'acquire' && operation.result.type === 'kept';
}

/** Whether it is for the queue entry, and adds none if that is there. */
export function mayJoin(
  { value, place }: AcquireOperation,
  entry: { readonly token: number; readonly value: string },
): boolean {
  return place === entry.token || (value !== '' && value === entry.value);
}

export function describe(operation: LockOperation): string {
  const { client, lock, start, end } = operation;
  const times = `[${start.toFixed(1)}, ${end.toFixed(1)}]`;
  return `${times} ${client} ${operation.type} ${lock}: ${outcomeOf(operation)}`;
}

function outcomeOf(operation: LockOperation): string {
  const tokens = (entries: readonly SeenEntry[]) => entries.map(({ token }) => token).join(',');
  switch (operation.type) {
    case 'acquire': {
      const { value, ttlMs, place, result } = operation;
      const told = 'token' in result ? `${result.type} ${result.token}` : result.type;
      const back = place === undefined ? '' : ` back to ${place}`;
      return `"${value}"${back} for ${ttlMs} ms: ${told}`;
    }
    case 'renew':
    case 'release':
      return `token ${operation.token}: ${operation.result}`;
    case 'view':
      return `${tokens(operation.holders) || 'nobody'} before ${tokens(operation.waiting) || 'nobody'}`;
    default:
      return operation satisfies never;
  }
}
