import type { LockSpace } from '../../command/lock-path.js';
import type { WallClock } from '../../service/wall-clock.js';
import type { HolderChange } from '../../view/holder-change.js';
import type { QueueListingView } from '../../view/queue.js';
import type { QueueEntryView } from '../../view/queue-entry.js';
import type { StateView } from '../../view/state-view.js';

/** Changes of holders in one answer. */
const historyMax = 32;

/**
 * All of a lock, or of an election, where an entry's value is the candidate's name. The JSON comes
 * in short pieces. They show the state as of this call, whenever they are read.
 */
export function queueJson(
  { locks, time }: Pick<StateView, 'locks' | 'time'>,
  { space, name }: { readonly space: LockSpace; readonly name: string },
  listing: QueueListingView,
  wallClock: WallClock,
): Generator<string, undefined> {
  const toMemberClock = time.onMemberClock(0);
  const onWallClock = wallClock.reading();
  const toText = (clusterTimeMs: number) => onWallClock(toMemberClock + clusterTimeMs);
  const limit = locks.limit(space, name);
  const index = locks.holderChangedIndex(space, name);
  const { changes } = locks.holderChanges(space, name, 0);
  const history = changes.slice(-historyMax).map((change) => changeJson(change, toText));
  const head = JSON.stringify({ name, limit, index });
  const tail = JSON.stringify({ history });
  return pieces(head, listing, tail, { now: wallClock.now(), toText });
}

/** The holders are the front of the queue. */
function* pieces(
  head: string,
  listing: QueueListingView,
  tail: string,
  { now, toText }: { readonly now: number; readonly toText: ToText },
): Generator<string, undefined> {
  let entry = listing.next();
  const holder = entry?.holds === true ? holderJson(entry, now, toText) : null;
  yield `${head.slice(0, -1)},"holder":${JSON.stringify(holder)},"holders":[`;
  let separator = '';
  for (; entry?.holds === true; entry = listing.next()) {
    yield separator + JSON.stringify(holderJson(entry, now, toText));
    separator = ',';
  }
  yield '],"queue":[';
  separator = '';
  for (; entry !== undefined; entry = listing.next()) {
    yield separator + JSON.stringify(waitingJson(entry, toText));
    separator = ',';
  }
  yield `],${tail.slice(1)}\n`;
}

/** Prints a time of the cluster's clock. */
export type ToText = (clusterTimeMs: number) => string;

export function holderJson(entry: QueueEntryView, now: number, toText: ToText): object {
  const { index, value, client, mode, ttlMs, expiresAt, grantedAt } = entry;
  const leftMs = Math.max(0, Math.round((expiresAt ?? now) - now));
  const since = toText(grantedAt ?? entry.enteredAt);
  return { index, value, client, mode, ttl: ttlMs / 1000, ttlLeft: leftMs / 1000, since };
}

/** `ttl` is the TTL that it gets with the grant. */
function waitingJson(
  { index, value, client, mode, ttlMs, enteredAt }: QueueEntryView,
  toText: ToText,
): object {
  return { index, value, client, mode, ttl: ttlMs / 1000, waitingSince: toText(enteredAt) };
}

/** `index` is that of the change, `place` that of the entry which began or ceased to hold. */
export function changeJson(change: HolderChange, toText: ToText): object {
  const { at, action, index, value, clusterTimeMs } = change;
  return { index: at, action, place: index, value, time: toText(clusterTimeMs) };
}
