import type { MemberId } from '../../src/ids.js';
import type { FaultPlan } from './faults.js';
import type { Random } from './random.js';
import type { Scheduler } from './scheduler.js';
import type { SimulatedMember } from './simulated-member.js';
import type { Trace } from './trace.js';

/** The links of the simulated network that faults cut and heal. */
export interface Links {
  cut(from: MemberId, to: MemberId): void;
  /** Takes back one cut; others may keep the link cut still. */
  restore(from: MemberId, to: MemberId): void;
  reset(one: MemberId, other: MemberId): void;
  healAll(): void;
}

type Fault = () => void;

/** How often a leader that is cut off is looked after, and for how long. */
const lookMs = 20;
const looksMax = 250;

/** Makes things go wrong, one after the other, until it is told to stop. */
export class FaultInjector {
  readonly #plan: FaultPlan;
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #members: readonly SimulatedMember[];
  readonly #links: Links;
  readonly #faults: readonly Fault[];
  #stopped = false;

  constructor(
    plan: FaultPlan,
    random: Random,
    scheduler: Scheduler,
    trace: Trace,
    members: readonly SimulatedMember[],
    links: Links,
  ) {
    this.#plan = plan;
    this.#random = random;
    this.#scheduler = scheduler;
    this.#trace = trace;
    this.#members = members;
    this.#links = links;
    this.#faults = this.#chosenFaults();
    if (this.#faults.length > 0) this.#next();
  }

  /** Everything works again from now on. */
  stopAndHeal(): void {
    this.#stopped = true;
    this.#trace.add('world', 'heals');
    this.#links.healAll();
    for (const member of this.#members) {
      member.diskSlowness = 1;
      member.isBusy = false;
      member.disk.takeFailure();
      member.resume();
      this.#boot(member);
    }
  }

  #chosenFaults(): readonly Fault[] {
    const { crashes, crashesOfAll, pauses, partitions, slowDisks, failingDisks } = this.#plan;
    const { resets, handOvers, overturns, silences } = this.#plan;
    return [
      ...(crashes ? [() => this.#crash(this.#target())] : []),
      ...(crashesOfAll ? [() => this.#crashAll()] : []),
      ...(pauses ? [() => this.#target().pause(this.#absenceMs())] : []),
      ...(partitions ? [() => this.#partition()] : []),
      ...(slowDisks ? [() => this.#slowDisk(this.#target())] : []),
      ...(failingDisks ? [() => this.#failDisk(this.#target())] : []),
      ...(resets ? [() => this.#reset(this.#target())] : []),
      ...(handOvers ? [() => this.#leader()?.handOver()] : []),
      ...(overturns ? [() => this.#overturn()] : []),
      ...(silences ? [() => this.#silence()] : []),
    ];
  }

  #next(): void {
    const meanMs = this.#plan.meanIntervalMs;
    this.#later(-Math.log(1 - this.#random.float()) * meanMs, () => {
      this.#random.pick(this.#faults)();
      this.#next();
    });
  }

  /** The one of the latest term. */
  #leader(): SimulatedMember | undefined {
    const term = (member: SimulatedMember) => member.running?.raft.softState().currentTerm ?? 0;
    return this.#members.filter(leads).sort((one, other) => term(other) - term(one))[0];
  }

  #target(): SimulatedMember {
    const leader = this.#leader();
    const prefersLeader = this.#plan.leaderIsTarget && this.#random.chance(0.6);
    return prefersLeader && leader !== undefined ? leader : this.#random.pick(this.#members);
  }

  /**
   * Anything, or longer than the shortest TTLs: then what was granted meanwhile is over already.
   */
  #absenceMs(): number {
    if (this.#random.chance(0.5)) return this.#random.logBetween(20, 10_000);
    return this.#random.between(1500, 6000);
  }

  #crash(member: SimulatedMember): void {
    member.crash();
    this.#later(this.#random.logBetween(10, 5000), () => this.#boot(member));
  }

  #crashAll(): void {
    for (const member of this.#members) this.#crash(member);
  }

  #boot(member: SimulatedMember): void {
    if (member.mayStart) member.start().catch((error: unknown) => member.break(error));
  }

  #slowDisk(member: SimulatedMember): void {
    member.diskSlowness = this.#random.logBetween(2, 500);
    this.#trace.add(member.name, `disk is ${member.diskSlowness.toFixed(0)} times slower`);
    this.#later(this.#random.logBetween(100, 5000), () => {
      member.diskSlowness = 1;
    });
  }

  #failDisk(member: SimulatedMember): void {
    this.#trace.add(member.name, 'the next write will fail');
    member.disk.failNextWrite();
    this.#later(this.#random.logBetween(100, 5000), () => this.#boot(member));
  }

  #partition(): void {
    const shuffled = this.#random.shuffled(this.#members);
    const cutAt = this.#random.between(1, Math.max(1, shuffled.length - 1));
    const oneWay = this.#random.chance(0.3);
    /** With a bridge one member still sees both sides. */
    const bridge = this.#random.chance(0.2) ? shuffled[0] : undefined;
    const left = shuffled.slice(0, cutAt);
    const right = shuffled.slice(cutAt);
    this.#trace.add(
      'world',
      `cuts ${namesOf(left)} ${oneWay ? '->' : '<->'} ${namesOf(right)}` +
        (bridge === undefined ? '' : `, but not ${bridge.name}`),
    );
    const isBridge = (member: SimulatedMember) => member === bridge;
    const heal = this.#cut(
      left.filter((member) => !isBridge(member)),
      right.filter((member) => !isBridge(member)),
      oneWay,
    );
    this.#later(this.#absenceMs(), heal);
  }

  /** Returns how to heal it. */
  #cut(
    left: readonly SimulatedMember[],
    right: readonly SimulatedMember[],
    oneWay: boolean,
  ): Fault {
    const there = left.flatMap((one) =>
      right.filter((other) => other !== one).map((other) => [one.id, other.id] as const),
    );
    const cuts = oneWay ? there : [...there, ...there.map(([from, to]) => [to, from] as const)];
    for (const [from, to] of cuts) this.#links.cut(from, to);
    return () => {
      this.#trace.add('world', `lets ${namesOf(left)} reach ${namesOf(right)} again`);
      for (const [from, to] of cuts) this.#links.restore(from, to);
    };
  }

  /** Some of its connections, often all. */
  #reset(member: SimulatedMember): void {
    const all = this.#random.chance(0.6);
    const peers = this.#members.filter(
      (peer) => peer !== member && (all || this.#random.chance(0.5)),
    );
    this.#trace.add(member.name, `loses its connections to ${namesOf(peers)}`);
    for (const peer of peers) this.#links.reset(member.id, peer.id);
  }

  #silence(): void {
    this.#trace.add('world', 'nobody reaches anybody');
    const heal = this.#cut(this.#members, this.#members, true);
    this.#later(this.#random.logBetween(1000, 10_000), heal);
  }

  /**
   * The leader goes on by itself, or with less than a majority, so that entries of its term pile up
   * which nobody commits. Once another leads, the network heals, and that one has an accident:
   * whose log is longer is then not whose log is later.
   */
  #overturn(): void {
    const leader = this.#leader();
    if (leader === undefined) return;
    const others = this.#random.shuffled(this.#members.filter((member) => member !== leader));
    const companions = this.#random.between(0, Math.max(0, Math.ceil(others.length / 2) - 1));
    const left = [leader, ...others.slice(0, companions)];
    const right = others.slice(companions);
    this.#trace.add('world', `cuts ${namesOf(left)} off ${namesOf(right)}`);
    const heal = this.#cut(left, right, false);
    this.#awaitLeaderAmong(right, heal, looksMax);
  }

  #awaitLeaderAmong(members: readonly SimulatedMember[], heal: Fault, looks: number): void {
    const successor = members.find(leads);
    if (successor === undefined && looks > 0) {
      this.#later(lookMs, () => this.#awaitLeaderAmong(members, heal, looks - 1));
      return;
    }
    this.#later(this.#random.logBetween(1, 1000), () => {
      heal();
      if (successor !== undefined) this.#accident(successor);
    });
  }

  #accident(member: SimulatedMember): void {
    const accidents: readonly Fault[] = [
      () => this.#crash(member),
      () => this.#reset(member),
      () => member.pause(this.#random.logBetween(500, 3000)),
      () => member.handOver(),
    ];
    this.#random.pick(accidents)();
  }

  #later(delayMs: number, fault: Fault): void {
    this.#scheduler.after(delayMs, () => {
      if (!this.#stopped) fault();
    });
  }
}

function leads(member: SimulatedMember): boolean {
  return member.running?.raft.softState().role === 'leader';
}

function namesOf(members: readonly SimulatedMember[]): string {
  return members.map(({ name }) => name).join(',');
}
