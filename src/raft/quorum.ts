import type { MemberId } from '../ids.js';

/** How many of `voters` decide: more than half. */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/**
 * The greatest value that a majority has reached, when each voter reports the one it has reached.
 * Zero without voters, so that an empty configuration never decides anything.
 */
export function reachedByMajority(values: readonly number[]): number {
  const descending = [...values].sort((a, b) => b - a);
  return descending[majority(values.length) - 1] ?? 0;
}

export function hasMajority(
  voters: readonly MemberId[],
  holds: (voter: MemberId) => boolean,
): boolean {
  let count = 0;
  for (const voter of voters) if (holds(voter)) count += 1;
  return count >= majority(voters.length);
}

export type Outcome = 'won' | 'lost' | 'open';

/** Answers of anybody who is not among `voters` have no weight. */
export function outcome(
  voters: readonly MemberId[],
  answers: ReadonlyMap<MemberId, boolean>,
): Outcome {
  if (hasMajority(voters, (voter) => answers.get(voter) === true)) return 'won';
  const stillPossible = hasMajority(voters, (voter) => answers.get(voter) !== false);
  return stillPossible ? 'open' : 'lost';
}
