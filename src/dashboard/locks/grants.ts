import type { Change } from '../api/lock-requests.js';

/** A time span in which a queue entry held. Times are on the page's clock. */
export interface Grant {
  readonly index: number;
  readonly value: string;
  /** Undefined when the grant is no longer remembered. */
  readonly from: number | undefined;
  /** Undefined while the entry holds. */
  readonly to: number | undefined;
  /** How the grant ended; undefined while the entry holds. */
  readonly end: string | undefined;
}

/** The newest first. */
export function grantsOf(history: readonly Change[]): readonly Grant[] {
  const grants = new Map<number, Grant>();
  for (const { action, index, value, at } of history) {
    const known = grants.get(index);
    if (action === 'granted') {
      grants.set(index, { index, value, from: at, to: undefined, end: undefined });
    } else {
      grants.set(index, { index, value, from: known?.from, to: at, end: action });
    }
  }
  return [...grants.values()].toReversed();
}
