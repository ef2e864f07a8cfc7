import type { PlaceView } from '../../member/state-view.js';

/** The holder, or null, and those who wait behind it, in their order. */
export function queueJson(queue: readonly PlaceView[], now: number): string {
  const holder = queue.find((place) => place.holds);
  const shown = {
    holder: holder === undefined ? null : placeJson(holder, now),
    queue: queue.filter((place) => !place.holds).map((place) => placeJson(place, now)),
  };
  return `${JSON.stringify(shown)}\n`;
}

/** `ttl` is what is left to the holder, and what a waiter will get, in whole seconds. */
function placeJson({ index, value, ttlMs, expiresAt }: PlaceView, now: number): object {
  const leftMs = expiresAt === undefined ? ttlMs : Math.max(0, expiresAt - now);
  return { index, value, ttl: Math.ceil(leftMs / 1000) };
}
