import type { LockSpace } from '../../command/command.js';
import type { HolderChange } from '../../command/holder-change.js';
import type { PlaceView, StateView } from '../../member/state-view.js';
import type { WallClock } from '../wall-clock.js';

/** Changes shown, at most. */
const historyMax = 32;

type Shown = Pick<
  StateView,
  'queue' | 'limit' | 'holderChangedIndex' | 'holderChanges' | 'onMemberClock'
>;

/** All of a lock, or of an election, where a place's value is the candidate's name. */
export function queueJson(
  state: Shown,
  { space, name }: { readonly space: LockSpace; readonly name: string },
  wallClock: WallClock,
): string {
  const places = state.queue(space, name);
  const toText = (clusterTimeMs: number) => wallClock.toText(state.onMemberClock(clusterTimeMs));
  const holders: object[] = [];
  const queue: object[] = [];
  for (const place of places) {
    if (place.holds) holders.push(holderJson(place, wallClock.now(), toText));
    else queue.push(waitingJson(place, toText));
  }
  const { changes } = state.holderChanges(space, name, 0);
  const shown = {
    name,
    limit: state.limit(space, name),
    index: state.holderChangedIndex(space, name),
    holder: holders[0] ?? null,
    holders,
    queue,
    history: changes.slice(-historyMax).map((change) => changeJson(change, toText)),
  };
  return `${JSON.stringify(shown)}\n`;
}

/** A time on the cluster's clock, for people. */
export type ToText = (clusterTimeMs: number) => string;

export function holderJson(place: PlaceView, now: number, toText: ToText): object {
  const { index, value, mode, ttlMs, expiresAt, grantedAt } = place;
  const leftMs = Math.max(0, Math.round((expiresAt ?? now) - now));
  const since = toText(grantedAt ?? place.enteredAt);
  return { index, value, mode, ttl: ttlMs / 1000, ttlLeft: leftMs / 1000, since };
}

/** `ttl` is what it will have once it holds. */
function waitingJson({ index, value, mode, ttlMs, enteredAt }: PlaceView, toText: ToText): object {
  return { index, value, mode, ttl: ttlMs / 1000, waitingSince: toText(enteredAt) };
}

/** `index` is that of the change, `place` that of the place which began to hold or ceased to. */
export function changeJson(change: HolderChange, toText: ToText): object {
  const { at, action, index, value, clusterTimeMs } = change;
  return { index: at, action, place: index, value, time: toText(clusterTimeMs) };
}
