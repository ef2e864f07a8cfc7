import type { LockSpace } from '../command/lock-path.js';
import type { ReleaseCommand } from '../command/locks.js';
import type { AcquireRequest } from './acquire.js';

/**
 * Elections are locks in a space of their own. The value of a queue entry is the candidate's name.
 */
export const electionSpace: LockSpace = 'leader';

export interface Campaign extends Omit<AcquireRequest, 'space' | 'value'> {
  readonly candidate: string;
}

/**
 * Requests with one candidate's name share one queue entry; the leader's own campaign renews. The
 * name is empty when the campaign is known by its index.
 */
export function campaignRequest({ candidate, ...request }: Campaign): AcquireRequest {
  return { ...request, space: electionSpace, value: candidate };
}

/** The leader resigns, or a candidate withdraws: by its name or its index. */
export function resignation(
  name: string,
  entry: Pick<ReleaseCommand, 'index' | 'value'>,
  forced?: true | undefined,
): ReleaseCommand {
  return { type: 'release', space: electionSpace, name, ...entry, forced };
}
