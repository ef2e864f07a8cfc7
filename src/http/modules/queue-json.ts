import type { LockSpace } from '../../command/command.js';
import type { HolderChange } from '../../command/holder-change.js';
import type { PlaceView, QueueListing, StateView } from '../../member/state-view.js';
import type { WallClock } from '../wall-clock.js';

/** Changes shown, at most. */
const historyMax = 32;

type Shown = Pick<StateView, 'limit' | 'holderChangedIndex' | 'holderChanges' | 'onMemberClock'>;

/**
 * All of a lock, or of an election, where a place's value is the candidate's name; in pieces, of which
 * each is short. Whenever they are read, they show the moment at which this was called.
 */
export function queueJson(
  state: Shown,
  { space, name }: { readonly space: LockSpace; readonly name: string },
  listing: QueueListing,
  wallClock: WallClock,
): Generator<string, undefined> {
  const toMemberClock = state.onMemberClock(0);
  const onWallClock = wallClock.reading();
  const toText = (clusterTimeMs: number) => onWallClock(toMemberClock + clusterTimeMs);
  const limit = state.limit(space, name);
  const index = state.holderChangedIndex(space, name);
  const { changes } = state.holderChanges(space, name, 0);
  const history = changes.slice(-historyMax).map((change) => changeJson(change, toText));
  const head = JSON.stringify({ name, limit, index });
  const tail = JSON.stringify({ history });
  return pieces(head, listing, tail, { now: wallClock.now(), toText });
}

/** Those who hold are the front of the queue. */
function* pieces(
  head: string,
  listing: QueueListing,
  tail: string,
  { now, toText }: { readonly now: number; readonly toText: ToText },
): Generator<string, undefined> {
  let place = listing.next();
  const holder = place?.holds === true ? holderJson(place, now, toText) : null;
  yield `${head.slice(0, -1)},"holder":${JSON.stringify(holder)},"holders":[`;
  let separator = '';
  for (; place?.holds === true; place = listing.next()) {
    yield separator + JSON.stringify(holderJson(place, now, toText));
    separator = ',';
  }
  yield '],"queue":[';
  separator = '';
  for (; place !== undefined; place = listing.next()) {
    yield separator + JSON.stringify(waitingJson(place, toText));
    separator = ',';
  }
  yield `],${tail.slice(1)}\n`;
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
