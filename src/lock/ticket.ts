import type { LeaveCommand, LockSpace, RenewCommand } from '../command/command.js';

/** A place and the request that asked for it: what is needed to renew it, and to leave again. */
export interface Ticket {
  readonly space: LockSpace;
  readonly name: string;
  readonly index: number;
  /** `Origin.sequence` of the acquire. */
  readonly sequence: number;
}

export interface Held extends Ticket {
  /** On the member's clock: the TTL that runs began no earlier, or was confirmed no earlier. */
  readonly freshAt: number;
}

export function renewalOf({ space, name, index }: Ticket, ttlMs: number): RenewCommand {
  return { type: 'renew', space, name, index, value: undefined, ttlMs };
}

export function cancelOf({ space, name, index, sequence }: Ticket): LeaveCommand {
  return { type: 'leave', space, name, index, acquireSequence: sequence, keepIfHolder: false };
}
