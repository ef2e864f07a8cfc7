import type { LockSpace, ReleaseCommand } from '../command/command.js';
import type { AcquireRequest } from '../lock/acquire.js';

/** Elections are locks with names of their own; the value of a place is its candidate's name. */
export const electionSpace: LockSpace = 'leader';

export interface Campaign extends Omit<AcquireRequest, 'space' | 'value'> {
  readonly candidate: string;
}

/** Two requests of one candidate are one candidacy, and the leader's own campaign renews. */
export function campaignRequest({ candidate, ...request }: Campaign): AcquireRequest {
  return { ...request, space: electionSpace, value: candidate };
}

/** The leader gives up, or a candidate withdraws. */
export function resignation(name: string, candidate: string): ReleaseCommand {
  return { type: 'release', space: electionSpace, name, index: undefined, value: candidate };
}
