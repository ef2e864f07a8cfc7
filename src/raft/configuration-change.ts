import type { MemberId } from '../ids.js';
import { failure, ok, type Result } from '../result.js';
import { membersMax } from './configuration.js';
import type { Configuration } from './entry.js';

/**
 * One step from a configuration to the next. None of them adds a voter and removes another, so any
 * majority before it and any majority after it have a member in common (thesis, section 4.1).
 * - `addLearner`: a member that never was one. It has an empty log, so it begins without a vote.
 * - `promote`: a learner becomes a voter.
 * - `remove`: a voter or a learner goes, for good.
 * - `update`: nothing but the addresses changes.
 */
export interface ConfigurationChange {
  readonly type: 'addLearner' | 'promote' | 'remove' | 'update';
  readonly member: MemberId;
  /** From then on. Absent: those that there are. */
  readonly addresses?: Uint8Array | undefined;
}

/**
 * Why a change is refused, whatever the state of the cluster:
 * - `exists`: it is a member already, or a voter that should be promoted.
 * - `unknown`: it never was a member.
 * - `removed`: it was a member, and its id is never used again.
 * - `lastVoter`: without it nobody could decide anything.
 * - `tooMany`: there is no room for another member.
 */
export type ImpossibleChange = 'exists' | 'unknown' | 'removed' | 'lastVoter' | 'tooMany';

/** The configuration that one change makes of another. */
export function changed(
  configuration: Configuration,
  { type, member, addresses }: ConfigurationChange,
): Result<Configuration, ImpossibleChange> {
  const impossible = refusal(configuration, type, member);
  if (impossible !== undefined) return failure(impossible);
  const { voters, learners, removed = [] } = configuration;
  const others = (members: readonly MemberId[]) => members.filter((id) => id !== member);
  const common = addresses === undefined ? configuration : { ...configuration, addresses };
  switch (type) {
    case 'addLearner':
      return ok({ ...common, learners: [...learners, member] });
    case 'promote':
      return ok({ ...common, voters: [...voters, member], learners: others(learners) });
    case 'remove': {
      const gone = [...removed, member];
      return ok({ ...common, voters: others(voters), learners: others(learners), removed: gone });
    }
    case 'update':
      return ok(common);
  }
}

function refusal(
  { voters, learners, removed = [] }: Configuration,
  type: ConfigurationChange['type'],
  member: MemberId,
): ImpossibleChange | undefined {
  if (removed.includes(member)) return 'removed';
  const isVoter = voters.includes(member);
  const isMember = isVoter || learners.includes(member);
  if (type === 'addLearner') {
    if (isMember) return 'exists';
    return Math.max(learners.length, voters.length) < membersMax ? undefined : 'tooMany';
  }
  if (!isMember) return 'unknown';
  if (type === 'promote' && isVoter) return 'exists';
  return type === 'remove' && isVoter && voters.length === 1 ? 'lastVoter' : undefined;
}
