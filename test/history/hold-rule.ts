import type { Claim } from './operation.js';

/** Whether those who claim so may hold one lock at one time. */
export function mayHoldTogether(claims: readonly Claim[]): boolean {
  if (claims.length <= 1 || claims.every(({ mode }) => mode === 'shared')) return true;
  if (claims.some(({ mode }) => mode === 'shared')) return false;
  // The limit belongs to the lock for as long as anybody holds it.
  return claims.every(({ limit }) => limit === claims[0]?.limit && claims.length <= limit);
}

/** How many must hold, at least, for one who claims so to be refused. */
export function refusingHolders({ mode, limit }: Claim): number {
  // A shared claim is refused for the sake of a writer that waits, too: somebody holds before it.
  return mode === 'shared' ? 1 : limit;
}
