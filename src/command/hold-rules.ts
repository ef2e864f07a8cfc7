import type { LockSpace } from './lock-path.js';

/**
 * Adjacent shared entries at the front of the queue hold together, as do exclusive ones up to the
 * limit.
 */
export type HoldMode = 'exclusive' | 'shared';

/** The highest limit of a lock. */
export const limitMax = 10_000;

/** The reason, for the client, why mode and limit are refused; undefined when they are valid. */
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
