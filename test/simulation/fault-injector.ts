import type { MemberId } from '../../src/ids.js';
import type { FaultPlan } from './faults.js';
import type { Random } from './random.js';
import type { Scheduler } from './scheduler.js';
import type { SimulatedMember } from './simulated-member.js';
import type { Trace } from './trace.js';

/** The links of the simulated network that faults cut and heal. */
export interface Links {
  cut(from: MemberId, to: MemberId): void;
  healAll(): void;
}

type Fault = () => void;

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
      member.disk.takeFailure();
      member.resume();
      this.#boot(member);
    }
  }

  #chosenFaults(): readonly Fault[] {
    const { crashes, crashesOfAll, pauses, partitions, slowDisks, failingDisks } = this.#plan;
    return [
      ...(crashes ? [() => this.#crash(this.#target())] : []),
      ...(crashesOfAll ? [() => this.#crashAll()] : []),
      ...(pauses ? [() => this.#target().pause(this.#random.logBetween(20, 5000))] : []),
      ...(partitions ? [() => this.#partition()] : []),
      ...(slowDisks ? [() => this.#slowDisk(this.#target())] : []),
      ...(failingDisks ? [() => this.#failDisk(this.#target())] : []),
    ];
  }

  #next(): void {
    const meanMs = this.#plan.meanIntervalMs;
    this.#later(-Math.log(1 - this.#random.float()) * meanMs, () => {
      this.#random.pick(this.#faults)();
      this.#next();
    });
  }

  #target(): SimulatedMember {
    const leader = this.#members.find((m) => m.running?.raft.softState().role === 'leader');
    const prefersLeader = this.#plan.leaderIsTarget && this.#random.chance(0.6);
    return prefersLeader && leader !== undefined ? leader : this.#random.pick(this.#members);
  }

  #crash(member: SimulatedMember): void {
    member.crash();
    this.#later(this.#random.logBetween(10, 5000), () => this.#boot(member));
  }

  #crashAll(): void {
    for (const member of this.#members) this.#crash(member);
  }

  #boot(member: SimulatedMember): void {
    if (!member.isUp) member.start().catch((error: unknown) => member.break(error));
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
    const names = (group: readonly SimulatedMember[]) => group.map((m) => m.name).join(',');
    this.#trace.add(
      'world',
      `cuts ${names(left)} ${oneWay ? '->' : '<->'} ${names(right)}` +
        (bridge === undefined ? '' : `, but not ${bridge.name}`),
    );
    for (const one of left) {
      for (const other of right) {
        if (one === bridge || other === bridge) continue;
        this.#links.cut(one.id, other.id);
        if (!oneWay) this.#links.cut(other.id, one.id);
      }
    }
    this.#later(this.#random.logBetween(100, 10_000), () => {
      this.#trace.add('world', 'heals the network');
      this.#links.healAll();
    });
  }

  #later(delayMs: number, fault: Fault): void {
    this.#scheduler.after(delayMs, () => {
      if (!this.#stopped) fault();
    });
  }
}
