import type { RaftOptions } from '../../src/raft/options.js';
import { configurationOf, optionsFor } from '../raft/peer.js';

/** As often as you like: what is not bounded is not counted. */
export const any = Number.POSITIVE_INFINITY;

/** What a search may do. Within this everything is tried, in every order. */
export interface Bounds {
  readonly voters: readonly string[];
  /** They begin with nothing, and may be added. */
  readonly joiners: readonly string[];
  /** Nobody enters a later term. */
  readonly termMax: number;
  /**
   * A client proposes as long as the leader's log is shorter; a new leader's noop may exceed it.
   */
  readonly indexMax: number;
  readonly crashesMax: number;
  readonly compactionsMax: number;
  readonly transfersMax: number;
  /** A leader's connection to a member, or a member's to its leader, is seen to break. */
  readonly breaksMax: number;
  /** The members change: one is added as learner, promoted or removed. */
  readonly changesMax: number;
  /** A leader's heartbeats. */
  readonly heartbeatsMax: number;
  /** Whose writes last, and may be lost in a crash; those of others end at once. */
  readonly slowDisks: readonly string[];
}

/** Three members, and one term in which nothing is written. */
export const bare: Bounds = {
  voters: ['a', 'b', 'c'],
  joiners: [],
  termMax: 1,
  indexMax: 0,
  crashesMax: 0,
  compactionsMax: 0,
  transfersMax: 0,
  breaksMax: 0,
  changesMax: 0,
  heartbeatsMax: 0,
  slowDisks: [],
};

/**
 * No log is ever longer: besides what clients propose there is a noop of each term, and each change
 * of the members. A member by itself knows only its log, and not how many changes there were.
 */
export function indexLimit({ indexMax, termMax, changesMax }: Bounds): number {
  return indexMax + termMax + changesMax;
}

/** What is used up by an input. */
export const costs = ['crash', 'compaction', 'transfer', 'break', 'change', 'heartbeat'] as const;
export type Cost = (typeof costs)[number];
const bitsPerCost = 5;
const costMask = (1 << bitsPerCost) - 1;

export function limitOf(cost: Cost, bounds: Bounds): number {
  switch (cost) {
    case 'crash':
      return bounds.crashesMax;
    case 'compaction':
      return bounds.compactionsMax;
    case 'transfer':
      return bounds.transfersMax;
    case 'break':
      return bounds.breaksMax;
    case 'change':
      return bounds.changesMax;
    case 'heartbeat':
      return bounds.heartbeatsMax;
  }
}

/** The numbers of what was used up, in one. */
export function afterCost(
  spent: number,
  cost: Cost | undefined,
  bounds: Bounds,
): number | undefined {
  if (cost === undefined || limitOf(cost, bounds) === any) return spent;
  const shift = costs.indexOf(cost) * bitsPerCost;
  const used = (spent >>> shift) & costMask;
  return used < limitOf(cost, bounds) ? spent + (1 << shift) : undefined;
}

/**
 * Every message holds one entry at most, so that each entry travels alone. An election timeout is
 * two ticks, and each tick is due for a heartbeat. A joiner knows of nobody.
 */
export function optionsOf({ voters, joiners }: Bounds, name: string): RaftOptions {
  return optionsFor(name, {
    configuration: configurationOf(joiners.includes(name) ? [] : voters, []),
    ...{ electionTimeoutTicks: 2, heartbeatIntervalTicks: 1 },
    ...{ appendBytesMax: 1, inflightMax: 2 },
  });
}
