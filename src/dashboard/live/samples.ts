import type { ClusterView } from '../api/cluster.js';

/** The values of the charts at one moment. */
export interface Sample {
  /** Seconds since 1970, as the charts' axis counts. */
  readonly at: number;
  readonly commitIndex: number;
  /** By member id; undefined while the member does not answer. */
  readonly latencyMs: ReadonlyMap<string, number | undefined>;
  readonly waitingForLocks: number;
  readonly waitingForElections: number;
}

/** Five minutes at one sample a second. What is older comes from the member. */
const samplesMax = 300;

/** The samples of the member are so far apart, and some milliseconds. */
const pastStepSeconds = 5.5;

/** @param at in seconds. Drops the oldest samples. */
export function withSample(
  samples: readonly Sample[],
  view: ClusterView,
  at: number,
): readonly Sample[] {
  const self = view.members.find(({ isSelf }) => isSelf)?.report;
  if (self === undefined) return samples;
  const latencyMs = new Map(
    view.members
      .filter(({ isSelf }) => !isSelf)
      .map((member) => [member.id, latencyOf(view, member)]),
  );
  const { waitingForLocks, waitingForElections } = view.self;
  const { commitIndex } = self;
  const sample = { at, commitIndex, latencyMs, waitingForLocks, waitingForElections };
  return [...samples, sample].slice(-samplesMax);
}

/**
 * The leader measures how fast followers acknowledge entries; other members only the pings of their
 * peers.
 */
function latencyOf(
  view: ClusterView,
  { id, reachable, roundTripMs }: ClusterView['members'][number],
): number | undefined {
  if (!reachable) return undefined;
  return view.followers.get(id)?.latencyMs ?? roundTripMs;
}

/**
 * What the member measured, where the page itself has measured nothing: before it was opened, and
 * while its tab was hidden.
 */
export function withPast(own: readonly Sample[], past: readonly Sample[]): readonly Sample[] {
  let next = 0;
  const missing = past.filter(({ at }) => {
    while (next < own.length && (own[next]?.at ?? at) <= at - pastStepSeconds / 2) next += 1;
    const nearest = own[next];
    return nearest === undefined || nearest.at >= at + pastStepSeconds / 2;
  });
  return [...missing, ...own].sort((one, other) => one.at - other.at);
}

/** Entries committed per second before each sample; undefined where that is unknown. */
export function commitRates(list: readonly Sample[]): readonly (number | undefined)[] {
  return list.map((sample, position) => {
    const before = list[position - 1];
    if (before === undefined || sample.at <= before.at) return undefined;
    // A restarted member counts from zero.
    const rate = (sample.commitIndex - before.commitIndex) / (sample.at - before.at);
    return rate < 0 ? undefined : rate;
  });
}
