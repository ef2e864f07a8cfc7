import type { ClusterView } from '../api/cluster.js';

/** The values of the charts at one moment. */
export interface Sample {
  /** Seconds since 1970, as the charts' axis counts. */
  readonly at: number;
  readonly commitIndex: number;
  /** By member name; undefined while the member does not answer. */
  readonly latencyMs: ReadonlyMap<string, number | undefined>;
  readonly waitingForLocks: number;
  readonly waitingForElections: number;
}

/** A change of leader, as this member saw it. */
export interface ElectionMark {
  readonly at: number;
  readonly label: string;
}

export interface Samples {
  readonly list: readonly Sample[];
  readonly elections: readonly ElectionMark[];
  readonly leadership: Leadership | undefined;
}

interface Leadership {
  readonly leader: string | undefined;
  readonly term: number;
}

export const noSamples: Samples = { list: [], elections: [], leadership: undefined };

/** Five minutes at one sample a second. */
const samplesMax = 300;

/** @param at in seconds. Drops the oldest samples. */
export function withSample(samples: Samples, view: ClusterView, at: number): Samples {
  const self = view.members.find(({ isSelf }) => isSelf)?.report;
  if (self === undefined) return samples;
  const latencyMs = new Map(
    view.members
      .filter(({ isSelf }) => !isSelf)
      .map((member) => [member.name, latencyOf(view, member)]),
  );
  const { waitingForLocks, waitingForElections } = view.self;
  const { commitIndex } = self;
  const sample = { at, commitIndex, latencyMs, waitingForLocks, waitingForElections };
  const list = [...samples.list, sample].slice(-samplesMax);
  const leadership = { leader: self.leader, term: self.term };
  const mark = electionMark(samples.leadership, leadership, view, at);
  const oldest = list[0]?.at ?? at;
  const elections = [...samples.elections, ...mark].filter((election) => election.at >= oldest);
  return { list, elections, leadership };
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

function electionMark(
  before: Leadership | undefined,
  now: Leadership,
  { members }: ClusterView,
  at: number,
): readonly ElectionMark[] {
  if (before === undefined) return [];
  if (before.leader === now.leader && before.term === now.term) return [];
  if (now.leader === undefined) {
    return before.leader === undefined ? [] : [{ at, label: 'no leader' }];
  }
  const name = members.find(({ id }) => id === now.leader)?.name ?? now.leader;
  return [{ at, label: `${name} elected, term ${now.term}` }];
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
