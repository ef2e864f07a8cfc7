import type { Change } from '../api/places.js';

/** A time in which a place held. Times are on the page's clock. */
export interface Grant {
  readonly place: number;
  readonly value: string;
  /** Undefined when the beginning is forgotten. */
  readonly from: number | undefined;
  /** Undefined while it holds. */
  readonly to: number | undefined;
  /** How it ended; undefined while it holds. */
  readonly end: string | undefined;
}

/** The newest first. */
export function grantsOf(history: readonly Change[]): readonly Grant[] {
  const grants = new Map<number, Grant>();
  for (const { action, place, value, at } of history) {
    const known = grants.get(place);
    if (action === 'granted') {
      grants.set(place, { place, value, from: at, to: undefined, end: undefined });
    } else {
      grants.set(place, { place, value, from: known?.from, to: at, end: action });
    }
  }
  return [...grants.values()].toReversed();
}
