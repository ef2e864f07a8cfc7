import type { ConfigurationChange } from '../../src/raft/configuration-change.js';
import type { Configuration } from '../../src/raft/entry.js';
import type { Coverage } from './coverage.js';
import { type Machines, membersOf } from './machines.js';
import type { Random } from './random.js';
import type { Scheduler } from './scheduler.js';
import type { Running, SimulatedMember } from './simulated-member.js';
import type { Trace } from './trace.js';

type Counts = Pick<
  Coverage,
  'membersAdded' | 'membersPromoted' | 'membersRemoved' | 'membersMoved' | 'leadersRemoved'
>;

/** Where a cluster is as large as that, members go rather than come. */
const membersMax = 6;
const askMs = 5000;
/** A machine that was removed goes on for so long, at most. */
const goesOnMsMax = 8000;
/** A machine that was added starts so late, at most. */
const startsAfterMsMax = 3000;

/**
 * Changes the members of the cluster at random: a machine with an empty disk joins, a learner is
 * promoted, anybody goes, the leader too, or is replaced. A machine that was removed goes on for a
 * while, and must not disturb.
 */
export class MembershipChanger {
  readonly counts: Record<keyof Counts, number> = {
    membersAdded: 0,
    membersPromoted: 0,
    membersRemoved: 0,
    membersMoved: 0,
    leadersRemoved: 0,
  };
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #machines: Machines;
  readonly #meanIntervalMs: number;
  readonly #sizeAimedAt: number;
  readonly #leaving = new Set<SimulatedMember>();
  #stopped = false;

  /** @param meanIntervalMs between two changes; infinite: the members stay. */
  constructor(
    random: Random,
    scheduler: Scheduler,
    trace: Trace,
    machines: Machines,
    meanIntervalMs: number,
  ) {
    this.#random = random;
    this.#scheduler = scheduler;
    this.#trace = trace;
    this.#machines = machines;
    this.#meanIntervalMs = meanIntervalMs;
    this.#sizeAimedAt = machines.inUse.length;
  }

  begin(): void {
    if (Number.isFinite(this.#meanIntervalMs)) this.#next();
  }

  /** Nothing more is begun. */
  stop(): void {
    this.#stopped = true;
  }

  /**
   * Whether the members are certain, and all run. Then the machines that are none are retired. To
   * be asked again and again after the end of all faults and changes.
   */
  settle(): boolean {
    const { leader } = this.#machines;
    const raft = leader?.running?.raft;
    if (raft === undefined) return false;
    const { currentTerm, commitIndex } = raft.softState();
    const { configuration } = raft;
    if (raft.committedConfiguration !== configuration) return false;
    if (raft.termAt(commitIndex) !== currentTerm) return false;
    const members = membersOf(configuration);
    if (!members.every((id) => this.#machines.get(id)?.isUp === true)) return false;
    for (const machine of [...this.#machines.inUse]) {
      if (!members.includes(machine.id)) this.#retire(machine);
    }
    return true;
  }

  #next(): void {
    this.#later(-Math.log(1 - this.#random.float()) * this.#meanIntervalMs, () => {
      this.#act();
      this.#next();
    });
  }

  #act(): void {
    const { leader } = this.#machines;
    if (leader?.running === undefined) return;
    const { raft } = leader.running;
    this.#retireRemoved(raft.committedConfiguration);
    const dice = this.#random.float();
    if (dice < 0.45) this.#promote(leader, leader.running);
    else if (dice < 0.7) this.#comeOrGo(leader, leader.running);
    else if (dice < 0.8) this.#add(leader.running);
    else if (dice < 0.9) this.#remove(leader, leader.running);
    else if (dice < 0.96) this.#replace(leader, leader.running);
    else this.#move(leader.running);
  }

  #promote(leader: SimulatedMember, running: Running): void {
    const { learners } = running.raft.configuration;
    if (learners.length === 0) this.#comeOrGo(leader, running);
    else this.#ask(running, { type: 'promote', member: this.#random.pick(learners) });
  }

  /** So that the cluster keeps about the size that it had. */
  #comeOrGo(leader: SimulatedMember, running: Running): void {
    const { length } = membersOf(running.raft.configuration);
    if (length <= this.#sizeAimedAt) this.#add(running);
    else this.#remove(leader, running);
  }

  #add(running: Running): void {
    const members = membersOf(running.raft.configuration);
    if (members.length >= membersMax) return;
    const waiting = this.#machines.inUse.filter(
      (machine) => !members.includes(machine.id) && !this.#leaving.has(machine),
    );
    const isWaiting = waiting.length > 0 && (waiting.length > 2 || this.#random.chance(0.7));
    const machine = isWaiting ? this.#random.pick(waiting) : this.#fresh();
    this.#ask(running, { type: 'addLearner', member: machine.id });
  }

  #fresh(): SimulatedMember {
    const machine = this.#machines.addFresh();
    const delayMs = this.#random.chance(0.5) ? 0 : this.#random.float() * startsAfterMsMax;
    this.#later(delayMs, () => start(machine));
    return machine;
  }

  #remove(leader: SimulatedMember, running: Running): void {
    const members = membersOf(running.raft.configuration);
    const member = this.#random.chance(0.3) ? leader.id : this.#random.pick(members);
    this.#ask(running, { type: 'remove', member });
  }

  #replace(leader: SimulatedMember, running: Running): void {
    const others = membersOf(running.raft.configuration).filter((id) => id !== leader.id);
    if (others.length === 0) return;
    const member = this.#random.pick(others);
    this.#ask(running, { type: 'remove', member }, () => this.#add(running));
  }

  /** As an operator does it: any member is asked, and passes it on to whoever leads. */
  #move({ raft }: Running): void {
    const memberId = this.#random.pick(membersOf(raft.configuration));
    const asked = this.#random.pick(this.#machines.inUse);
    const name = this.#machines.get(memberId)?.name ?? memberId;
    const peerUrls = [`http://${name}:${this.#random.between(7001, 7999)}`];
    this.#trace.add(asked.name, `is asked to tell that ${name} moves`);
    asked.running?.member.changeMembers({ type: 'update', memberId, peerUrls }, askMs).then(
      (outcome) => {
        const told = outcome.ok ? 'done' : outcome.error.reason;
        this.#trace.add(asked.name, `${name} moves: ${told}`);
        if (outcome.ok) this.counts.membersMoved += 1;
      },
      (error: unknown) => asked.break(error),
    );
  }

  #ask(running: Running, change: ConfigurationChange, andThen = () => {}): void {
    const { leader } = this.#machines;
    const name = this.#machines.get(change.member)?.name ?? change.member;
    this.#trace.add(leader?.name ?? 'nobody', `is asked to ${change.type} ${name}`);
    running.member.changeConfiguration(change).then(
      (outcome) => {
        const told = outcome.ok ? 'done' : outcome.error.type;
        this.#trace.add(leader?.name ?? 'nobody', `${change.type} ${name}: ${told}`);
        if (!outcome.ok) return;
        this.#count(change, change.member === leader?.id);
        this.#retireRemoved(outcome.value);
        if (!this.#stopped) andThen();
      },
      (error: unknown) => leader?.break(error),
    );
  }

  #count({ type }: ConfigurationChange, isLeader: boolean): void {
    if (type === 'addLearner') this.counts.membersAdded += 1;
    else if (type === 'promote') this.counts.membersPromoted += 1;
    else this.counts.membersRemoved += 1;
    if (type === 'remove' && isLeader) this.counts.leadersRemoved += 1;
  }

  #retireRemoved({ removed = [] }: Configuration): void {
    for (const machine of this.#machines.inUse) {
      if (!removed.includes(machine.id) || this.#leaving.has(machine)) continue;
      this.#leaving.add(machine);
      this.#later(this.#random.logBetween(10, goesOnMsMax), () => this.#retire(machine));
    }
  }

  #retire(machine: SimulatedMember): void {
    this.#trace.add(machine.name, 'is retired');
    this.#machines.retire(machine);
  }

  #later(delayMs: number, change: () => void): void {
    this.#scheduler.after(delayMs, () => {
      if (!this.#stopped) change();
    });
  }
}

function start(machine: SimulatedMember): void {
  if (machine.mayStart) machine.start().catch((error: unknown) => machine.break(error));
}
