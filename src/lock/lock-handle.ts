import type { LockSpace } from '../command/lock-path.js';
import type { CancelAcquireCommand, RenewCommand } from '../command/locks.js';

/** Names one queue entry and the acquire that made it: what renewing and cancelling it needs. */
export interface LockHandle {
  readonly space: LockSpace;
  readonly name: string;
  readonly index: number;
  /** `Origin.sequence` of the acquire. */
  readonly sequence: number;
}

export interface HeldLock extends LockHandle {
  /** On the member's clock. The TTL began, or was confirmed to run, no earlier than this. */
  readonly earliestLeaseStart: number;
}

/** Shares of the TTL, counted from `earliestLeaseStart`. */
export const leaseMargins = {
  /** For so long a grant certainly holds. The rest covers the answer's transit, and clock drift. */
  trusted: 0.9,
  /** When a member renews a lock that it holds for a connection. */
  renewal: 1 / 3,
  /** The delay before a failed renewal is retried. */
  retry: 0.1,
} as const;

export function renewalOf({ space, name, index }: LockHandle, ttlMs: number): RenewCommand {
  return { type: 'renew', space, name, index, value: undefined, ttlMs };
}

/** The request of that acquire goes; with `keepForTtl` its queue entry stays for its TTL. */
export function cancelOf(
  { space, name, index, sequence }: LockHandle,
  keepForTtl: boolean,
): CancelAcquireCommand {
  return {
    type: 'cancelAcquire',
    space,
    name,
    index,
    acquireSequence: sequence,
    keepIfHolder: false,
    keepForTtl,
    givesUp: undefined,
  };
}
