import type { StateMachineOptions } from '../../src/store/options.js';
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
  /** Connections end, and with them what is on its way. */
  readonly resets: boolean;
  /** The leader is asked to hand over. */
  readonly handOvers: boolean;
  /** A leader is cut off until another one leads, which then has an accident of its own. */
  readonly overturns: boolean;
  /** Nobody reaches anybody for a while, so nobody leads, and all clocks go on. */
  readonly silences: boolean;
  /** A turn of a member's loop comes up to so much later, and finds what has arrived until then. */
  readonly turnDelayMsMax: number;
  readonly slowDisks: boolean;
  readonly failingDisks: boolean;
  readonly leaderIsTarget: boolean;
  readonly network: NetworkFaults;
  /** Each clock runs at most this much fast or slow. */
  readonly maximumDrift: number;
  readonly slowRestores: boolean;
  readonly snapshotPieceBytes: number;
  readonly snapshotCount: number;
  readonly trailingEntries: number;
  readonly appendBytesMax: number;
  readonly inflightMax: number;
  readonly committedBytesMax: number;
  readonly clientCount: number;
  readonly maximumThinkMs: number;
  readonly load: LoadPlan;
  /** How much of what was removed, and of what ended boots left behind, goes with each entry. */
  readonly cleanUp: Pick<StateMachineOptions, 'sweepMax' | 'leftBehindMax'>;
}

/** What clients do beyond the usual. */
export interface LoadPlan {
  /** Some ask for many things at once, without waiting for an answer between them. */
  readonly bursts: boolean;
  /**
   * Most ask one and the same member, whose log is then the longest when it leads and is cut off.
   */
  readonly favourite: boolean;
  /** One fills directories that are too large for one step, removes them and makes them again. */
  readonly largeDirectories: boolean;
  /** Some hold locks for as long as their connections live. */
  readonly connectionHolds: boolean;
  /** Many wait through one member or two, some of them on one queue entry. */
  readonly crowds: boolean;
}

export interface MembershipPlan {
  /** Mean time between two changes of the members; infinite in half of all runs. */
  readonly meanIntervalMs: number;
  /** Nobody refuses the connections of a member that was removed, which may then disturb. */
  readonly admitsRemoved: boolean;
}

export interface UsersPlan {
  /** Mean time between two changes of users and roles; infinite where nobody is asked for them. */
  readonly meanIntervalMs: number;
}

export interface NetworkFaults {
  readonly lossProbability: number;
  readonly duplicationProbability: number;
  /** A late message arrives after those sent later. */
  readonly lateProbability: number;
  readonly delayMsMin: number;
  readonly delayMsMax: number;
  readonly lateMsMax: number;
  /** Some links take so many times as long; 1 when all are alike. */
  readonly slowLinkFactor: number;
}

/** Slower links than this would keep the cluster from electing anybody. */
const slowDelayMsMax = 200;

export function planFaults(random: Random): FaultPlan {
  const some = () => random.chance(0.5);
  return {
    memberCount: random.pick([1, 2, 3, 3, 3, 3, 3, 5, 5]),
    meanIntervalMs: random.logBetween(400, 6000),
    crashes: some(),
    crashesOfAll: random.chance(0.3),
    pauses: some(),
    partitions: some(),
    resets: some(),
    handOvers: some(),
    overturns: some(),
    silences: some(),
    turnDelayMsMax: some() ? random.logBetween(1, 30) : 0,
    slowDisks: some(),
    failingDisks: random.chance(0.3),
    leaderIsTarget: some(),
    network: planNetwork(random, some),
    maximumDrift: some() ? 0.02 : 0,
    slowRestores: some(),
    snapshotPieceBytes: random.pick([16 * 1024, 64 * 1024, 256 * 1024]),
    snapshotCount: random.pick([10, 30, 100, 1000, 1000]),
    trailingEntries: random.pick([0, 5, 50]),
    appendBytesMax: random.pick([1, 400, 1024 * 1024]),
    inflightMax: random.pick([1, 2, 16]),
    committedBytesMax: random.pick([1, 1024 * 1024]),
    clientCount: random.between(3, 10),
    maximumThinkMs: random.logBetween(50, 1000),
    load: {
      bursts: some(),
      favourite: some(),
      largeDirectories: some(),
      connectionHolds: some(),
      crowds: some(),
    },
    cleanUp: { sweepMax: random.pick([0, 1, 128]), leftBehindMax: random.pick([1, 2, 256]) },
  };
}

/** A plan of its own: the seeds whose members stay tell the stories that they told before. */
export function planMembership(random: Random): MembershipPlan {
  const changes = random.chance(0.5);
  return {
    meanIntervalMs: changes ? random.logBetween(200, 5000) : Number.POSITIVE_INFINITY,
    admitsRemoved: random.chance(0.5),
  };
}

/** A plan of its own, too: without users, a seed tells the story that it told before. */
export function planUsers(random: Random): UsersPlan {
  const areAsked = random.chance(0.3);
  return { meanIntervalMs: areAsked ? random.logBetween(100, 3000) : Number.POSITIVE_INFINITY };
}

function planNetwork(random: Random, some: () => boolean): NetworkFaults {
  const delayMsMin = random.logBetween(0.1, 2);
  const delayMsMax = delayMsMin * random.logBetween(1, 30);
  const slowDelayMs = Math.max(delayMsMax, slowDelayMsMax);
  return {
    lossProbability: some() ? random.logBetween(0.001, 0.2) : 0,
    duplicationProbability: some() ? random.logBetween(0.001, 0.2) : 0,
    lateProbability: some() ? random.logBetween(0.001, 0.05) : 0,
    delayMsMin,
    delayMsMax,
    lateMsMax: random.logBetween(50, 4000),
    slowLinkFactor: some() ? random.logBetween(1, slowDelayMs / delayMsMax) : 1,
  };
}
