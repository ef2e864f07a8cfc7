import type { RaftOptions } from '../../src/raft/options.js';
import { nameOf } from '../raft/peer.js';
import { returnedIn, votersIn } from './log-members.js';
import type { Logs } from './logs.js';
import { durableLogOf, logOf, type MemberState } from './member-state.js';

/** What the promises need to know of a member's state. */
export interface Facts {
  readonly name: string;
  readonly leads: boolean;
  readonly term: number;
  readonly commitIndex: number;
  /** By whose majority it has to go, and by whose it had to before what is not committed. */
  readonly voters: readonly string[];
  readonly committedVoters: readonly string[];
  /** Whoever is a member again in its log after a removal. */
  readonly returned: readonly string[];
  /** Numbers of logs: in memory, on the disk, and applied. */
  readonly log: number;
  readonly durableLog: number;
  readonly applied: number;
}

/** The voters are read out of the log itself: what the core takes for them is to be checked. */
export function factsOf(options: RaftOptions, member: MemberState, logs: Logs): Facts {
  const { role, currentTerm, commitIndex } = member.raft.softState();
  const log = logOf(member);
  const initial = options.configuration.voters.map(nameOf);
  return {
    name: nameOf(options.id),
    leads: role === 'leader',
    term: currentTerm,
    commitIndex,
    voters: votersIn(log, initial),
    committedVoters: votersIn(log.slice(0, commitIndex), initial),
    returned: returnedIn(log),
    log: logs.numberOf(log),
    durableLog: logs.numberOf(durableLogOf(member)),
    applied: logs.numberOf(member.applied),
  };
}
