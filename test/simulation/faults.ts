import type { Random } from './random.js';

/** What goes wrong in one run: each kind of fault is off in about half of all runs. */
export interface FaultPlan {
  readonly memberCount: number;
  /** Mean time between two faults. */
  readonly meanIntervalMs: number;
  readonly crashes: boolean;
  readonly crashesOfAll: boolean;
  readonly pauses: boolean;
  readonly partitions: boolean;
  readonly slowDisks: boolean;
  readonly failingDisks: boolean;
  readonly leaderIsTarget: boolean;
  readonly network: NetworkFaults;
  /** Each clock runs at most this much fast or slow. */
  readonly maximumDrift: number;
  readonly snapshotCount: number;
  readonly trailingEntries: number;
  readonly appendBytesMax: number;
  readonly inflightMax: number;
  readonly committedBytesMax: number;
  readonly clientCount: number;
  readonly maximumThinkMs: number;
}

export interface NetworkFaults {
  readonly lossProbability: number;
  readonly duplicationProbability: number;
  /** A late message arrives after those sent later. */
  readonly lateProbability: number;
  readonly delayMsMin: number;
  readonly delayMsMax: number;
  readonly lateMsMax: number;
}

export function planFaults(random: Random): FaultPlan {
  const some = () => random.chance(0.5);
  return {
    memberCount: random.pick([1, 3, 3, 3, 3, 3, 5, 5]),
    meanIntervalMs: random.logBetween(500, 10_000),
    crashes: some(),
    crashesOfAll: random.chance(0.3),
    pauses: some(),
    partitions: some(),
    slowDisks: some(),
    failingDisks: random.chance(0.3),
    leaderIsTarget: some(),
    network: planNetwork(random, some),
    maximumDrift: some() ? 0.02 : 0,
    snapshotCount: random.pick([10, 30, 100, 1000]),
    trailingEntries: random.pick([0, 5, 50]),
    appendBytesMax: random.pick([1, 400, 1024 * 1024]),
    inflightMax: random.pick([1, 2, 16]),
    committedBytesMax: random.pick([1, 1024 * 1024]),
    clientCount: random.between(3, 10),
    maximumThinkMs: random.logBetween(50, 1000),
  };
}

function planNetwork(random: Random, some: () => boolean): NetworkFaults {
  const delayMsMin = random.logBetween(0.1, 2);
  return {
    lossProbability: some() ? random.logBetween(0.001, 0.2) : 0,
    duplicationProbability: some() ? random.logBetween(0.001, 0.2) : 0,
    lateProbability: some() ? random.logBetween(0.001, 0.05) : 0,
    delayMsMin,
    delayMsMax: delayMsMin * random.logBetween(1, 30),
    lateMsMax: random.logBetween(50, 4000),
  };
}
