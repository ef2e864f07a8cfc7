import type { LockSpace } from './lock-path.js';

/** Shared queue entries that stand one behind the other hold together; an exclusive one holds by itself. */
export type HoldMode = 'exclusive' | 'shared';

/** Queue entries that may hold one lock together, at most. */
export const limitMax = 10_000;

/** Why no lock can be asked for like that, for the client; undefined when one can. */
export function holdProblem({
  space,
  mode,
  limit,
}: {
  readonly space: LockSpace;
  readonly mode: HoldMode;
  readonly limit: number;
}): string | undefined {
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax) {
    return `limit must be a whole number from 1 to ${limitMax}`;
  }
  if (space === 'leader' && (mode !== 'exclusive' || limit !== 1)) {
    return 'an election has one leader: its mode is "exclusive" and its limit 1';
  }
  if (mode === 'shared' && limit !== 1) {
    return 'shared places hold together without a limit: ask for mode=shared or for a limit, not for both';
  }
  return undefined;
}
