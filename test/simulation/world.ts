import { releaseFormats } from '../../src/encoding/format-range.js';
import type { MemberId } from '../../src/ids.js';
import type { Entry } from '../../src/raft/entry.js';
import type { Outcome } from '../../src/store/state-machine.js';
import { checkHistory, oneClock } from '../history/check.js';
import { Recorder } from '../history/recorder.js';
import type { ClientWorld } from './asker.js';
import type { Coverage } from './coverage.js';
import { DiskChecks } from './disk-checks.js';
import { FaultInjector } from './fault-injector.js';
import {
  type FaultPlan,
  type MembershipPlan,
  planFaults,
  planMembership,
  planUsers,
  type UsersPlan,
} from './faults.js';
import { HoldLedger } from './hold-ledger.js';
import { LeaderChecks } from './leader-checks.js';
import { limitsOf } from './limits.js';
import { LivenessChecks } from './liveness-checks.js';
import { guestLogin, type Login, UserLogin } from './login.js';
import { Machines, memberIds } from './machines.js';
import { MembershipChanger } from './membership-changer.js';
import { RaftChecks } from './raft-checks.js';
import { Random } from './random.js';
import { Replica } from './replica.js';
import { Scheduler } from './scheduler.js';
import { ServiceChecks } from './service-checks.js';
import { type MemberWorld, SimulatedMember } from './simulated-member.js';
import { type MessageObserver, SimulatedNetwork } from './simulated-network.js';
import { SnapshotChecks } from './snapshot-checks.js';
import { Trace } from './trace.js';
import { newer, type Upgrade } from './upgrade.js';
import { Users } from './users.js';
import { demand, Violation } from './violation.js';

export interface RunOptions {
  readonly seed: number;
  /** Simulated time with faults, before everything heals. */
  readonly durationMs: number;
  readonly follow: ((line: string) => void) | undefined;
  readonly upgrade?: Upgrade;
}

export interface RunResult {
  readonly seed: number;
  readonly violation: Error | undefined;
  readonly trace: readonly string[];
  readonly fingerprint: number;
  readonly coverage: Coverage;
}

/** State hashes cost time in proportion to the state, so not every index is compared. */
const hashInterval = 256;
const withoutUsers: UsersPlan = { meanIntervalMs: Number.POSITIVE_INFINITY };
/** Once all is healed, a leader is there by then. */
const leaderWithinMs = 4000;
/** And its members are certain, if they were changed to the end. */
const settledWithinMs = 10_000;
/** Then no command waits longer for its answer. */
const answerWithinMs = 4000;
/** One seed's cluster with its clients, its faults and its checks. */
export class World {
  readonly #options: RunOptions;
  readonly #plan: FaultPlan;
  readonly #membership: MembershipPlan;
  readonly #usersPlan: UsersPlan;
  readonly #scheduler = new Scheduler();
  readonly #trace: Trace;
  readonly #raftChecks: RaftChecks;
  readonly #diskChecks = new DiskChecks();
  readonly #leaderChecks = new LeaderChecks();
  readonly #snapshotChecks: SnapshotChecks;
  readonly #serviceChecks: ServiceChecks;
  readonly #ledger = new HoldLedger();
  readonly #recorder = new Recorder(() => this.#scheduler.now);
  readonly #network: SimulatedNetwork;
  readonly #machines: Machines;
  readonly #users: Users;
  readonly #changer: MembershipChanger;
  #failure: Error | undefined;
  #clientsStopped = false;
  #snapshotsInstalled = 0;
  #handOvers = 0;

  constructor(options: RunOptions) {
    this.#options = options;
    const { seed } = options;
    this.#plan = planFaults(new Random(seed, 'plan'));
    this.#membership = planMembership(new Random(seed, 'other joins'));
    this.#usersPlan =
      options.upgrade === undefined ? planUsers(new Random(seed, 'who may')) : withoutUsers;
    this.#snapshotChecks = new SnapshotChecks(
      new Replica(
        { ...this.#plan.cleanUp, formats: newer },
        (index) => this.#raftChecks.committed[index]?.entry,
      ),
    );
    this.#trace = new Trace(this.#scheduler, 200, options.follow);
    const { maximumDrift, cleanUp } = this.#plan;
    this.#serviceChecks = new ServiceChecks(maximumDrift, cleanUp.leftBehindMax, (index, command) =>
      this.#snapshotChecks.onApplied(index, command),
    );
    const founders = memberIds(this.#plan.memberCount);
    this.#machines = new Machines(founders, this.#creator(founders));
    this.#raftChecks = new RaftChecks(this.#machines);
    this.#network = new SimulatedNetwork(
      this.#scheduler,
      new Random(seed, 'network'),
      this.#plan.network,
      founders,
      this.#membership.admitsRemoved,
    );
    this.#users = this.#createUsers();
    this.#changer = new MembershipChanger(
      new Random(seed, 'membership'),
      this.#scheduler,
      this.#trace,
      this.#machines,
      options.upgrade === undefined ? this.#membership.meanIntervalMs : Number.POSITIVE_INFINITY,
    );
  }

  async run(): Promise<RunResult> {
    try {
      await this.#runPhases();
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
    return {
      seed: this.#options.seed,
      violation: this.#failure,
      trace: this.#trace.last(),
      fingerprint: this.#trace.fingerprint,
      coverage: this.#coverage(),
    };
  }

  /** They come and go. */
  get #members(): readonly SimulatedMember[] {
    return this.#machines.inUse;
  }

  get #asksUsers(): boolean {
    return Number.isFinite(this.#usersPlan.meanIntervalMs);
  }

  async #runPhases(): Promise<void> {
    const users = this.#asksUsers ? { users: this.#usersPlan } : {};
    const plan = JSON.stringify({ ...this.#plan, membership: this.#membership, ...users });
    this.#trace.add('world', `seed ${this.#options.seed}: ${plan}`);
    for (const member of this.#members) {
      member.start().catch((error: unknown) => member.break(error));
    }
    const faults = new FaultInjector(
      this.#plan,
      new Random(this.#options.seed, 'faults'),
      this.#scheduler,
      this.#trace,
      this.#members,
      this.#network,
    );
    this.#startUsers();
    this.#changer.begin();
    await this.#runFor(this.#options.durationMs / 2);
    this.#options.upgrade?.restartLast(this.#members);
    await this.#runFor(this.#options.durationMs / 2);
    faults.stopAndHeal();
    this.#network.stopFaults();
    await this.#settleMembers();
    const calmFrom = this.#scheduler.now + leaderWithinMs;
    this.#serviceChecks.locks.calmFrom = calmFrom;
    await this.#runFor(12_000);
    this.#clientsStopped = true;
    await this.#runFor(8000);
    await this.#demandLiveness();
    this.#demandHistory(calmFrom);
  }

  /** What was begun ends: until then leaders may go, and nothing is calm. */
  async #settleMembers(): Promise<void> {
    this.#changer.stop();
    for (let waitedMs = 0; !this.#changer.settle(); waitedMs += 100) {
      demand(waitedMs < settledWithinMs, 'a healed cluster knows its members before long');
      await this.#runFor(100);
    }
  }

  /** All that the clients of locks asked and were told, as one story. */
  #demandHistory(calmFrom: number): void {
    const drift = 2 * this.#plan.maximumDrift;
    const faults = checkHistory(this.#recorder.operations, {
      ...oneClock,
      shortest: 1 - drift,
      longest: 1 + drift,
      calm: [{ from: calmFrom, to: this.#scheduler.now }],
    });
    demand(faults.length === 0, `the history of the locks is wrong:\n${faults.join('\n')}`);
  }

  async #runFor(durationMs: number): Promise<void> {
    await this.#scheduler.runUntil(this.#scheduler.now + durationMs, () => this.#afterEvent());
  }

  #afterEvent(): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#raftChecks.afterEvent(this.#members);
    this.#raftChecks.checkMatches(this.#members);
    this.#diskChecks.afterEvent(this.#members);
    this.#leaderChecks.afterEvent(this.#members);
    this.#snapshotChecks.afterEvent(this.#members);
    this.#serviceChecks.clock.afterEvent(this.#members);
    this.#options.upgrade?.afterEvent(this.#members);
  }

  async #demandLiveness(): Promise<void> {
    const checks = new LivenessChecks(this.#machines, (durationMs) => this.#runFor(durationMs));
    await checks.demandProgress();
    this.#options.upgrade?.demandRaised(this.#members);
    this.#serviceChecks.locks.demandNoneOverdue(this.#scheduler.now);
    for (const { running } of this.#members) running?.coordinator.demandAnswered(answerWithinMs);
    await checks.demandHandOver();
  }

  #creator(founders: readonly MemberId[]) {
    const world: MemberWorld = {
      scheduler: this.#scheduler,
      trace: this.#trace,
      clusterId: 'c'.repeat(16),
      founders,
      limits: limitsOf(this.#plan),
      stateMachine: this.#plan.cleanUp,
      formatsOf: (member) => this.#options.upgrade?.formatsOf(member) ?? releaseFormats,
      maximumDrift: this.#plan.maximumDrift,
      turnDelayMsMax: this.#plan.turnDelayMsMax,
      snapshotPieceBytes: this.#plan.snapshotPieceBytes,
      slowRestores: this.#plan.slowRestores,
      connect: (member, hello) => {
        const known = this.#members.map(({ id }) => id);
        return this.#network.connect(hello, this.#observerOf(member), known);
      },
      disconnect: (member) => this.#network.crash(member.id),
      onWrite: (member, write) => this.#snapshotChecks.onWrite(member, write),
      onApplied: (member, entry, outcome) => this.#onApplied(member, entry, outcome),
      onStarted: (member) => {
        this.#snapshotChecks.onRestored(member);
        this.#watch(member);
      },
      onHandOver: (member) => {
        this.#handOvers += 1;
        this.#leaderChecks.onHandOver(member);
      },
      onBroken: (member, error) => {
        this.#trace.add(member.name, `broke: ${error.stack ?? error.message}`);
        this.#failure ??= error;
      },
    };
    return (id: MemberId, name: string, isFounder: boolean) => {
      if (!isFounder) this.#network.add(id);
      return new SimulatedMember(id, name, isFounder, this.#options.seed, world);
    };
  }

  #createUsers(): Users {
    const { maximumDrift, maximumThinkMs, load, pauses, overturns } = this.#plan;
    const world: ClientWorld = {
      scheduler: this.#scheduler,
      trace: this.#trace,
      members: this.#members,
      checks: this.#serviceChecks,
      ledger: this.#ledger,
      recorder: this.#recorder,
      maximumDrift,
      maximumThinkMs,
      bursts: load.bursts,
      hasPauses: pauses || overturns,
      favourite: () => (load.favourite ? this.#members[0] : undefined),
      stopped: () => this.#clientsStopped,
      onBackup: ({ name }, file, toldIndex) => this.#snapshotChecks.onBackup(name, file, toldIndex),
      loginOf: (name) => (this.#asksUsers ? this.#loginOf(name) : guestLogin),
    };
    const randomOf = (name: string) => new Random(this.#options.seed, name);
    return new Users(this.#plan, this.#usersPlan, world, randomOf);
  }

  #loginOf(name: string): Login {
    const random = new Random(this.#options.seed, `login of ${name}`);
    return random.chance(0.2) ? guestLogin : new UserLogin(random);
  }

  #startUsers(): void {
    for (const user of this.#users.all) {
      user.run().catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Violation(String(error));
      });
    }
  }

  #observerOf(member: SimulatedMember): MessageObserver {
    const checked = <T>(check: (told: T) => void) => {
      return (told: T) => {
        try {
          check(told);
        } catch (error) {
          member.break(error);
        }
      };
    };
    return {
      onSend: checked((message) => {
        this.#raftChecks.onSend(member, message);
        this.#diskChecks.onSend(member, message);
        this.#leaderChecks.onSend(member, message);
      }),
      onReceived: checked((message) => this.#leaderChecks.onReceived(member, message)),
      onPeerLost: checked((peer) => this.#leaderChecks.onPeerLost(member, peer)),
    };
  }

  #onApplied(member: SimulatedMember, entry: Entry, outcome: Outcome | undefined): void {
    const isFirst = entry.index > this.#raftChecks.committedIndex;
    this.#raftChecks.onApplied(member, entry);
    if (isFirst) this.#serviceChecks.onFirstApplied(member, entry, outcome);
    const state = member.running?.stateMachine;
    if (entry.index % hashInterval === 0 && state !== undefined) {
      this.#raftChecks.onStateHash(member, entry.index, state.stateHash());
    }
  }

  /** A watcher on everything, for as long as this boot lasts. */
  #watch(member: SimulatedMember): void {
    const running = member.running;
    if (running === undefined) return;
    let previousIndex = running.stateMachine.etcdIndex;
    running.stateMachine.keys.watch({
      path: '/',
      recursive: true,
      stream: true,
      sinceIndex: 0,
      onEvent: (event) => {
        this.#serviceChecks.onWatched(member, previousIndex, event);
        previousIndex = event.node.modifiedIndex;
      },
      onCleared: () => {
        this.#snapshotsInstalled += 1;
        this.#trace.add(member.name, 'installed a snapshot');
        this.#snapshotChecks.onRestored(member);
        this.#watch(member);
      },
    });
  }

  #coverage(): Coverage {
    return {
      events: this.#scheduler.eventCount,
      ...this.#raftChecks.coverage,
      snapshotsInstalled: this.#snapshotsInstalled,
      statesCompared: this.#snapshotChecks.compared,
      backups: this.#users.backups,
      handOvers: this.#handOvers,
      duplicates: this.#serviceChecks.duplicates,
      keyExpiries: this.#serviceChecks.expiries,
      lockExpiries: this.#serviceChecks.locks.expiries,
      ...this.#serviceChecks.locks.coverage,
      holds: this.#ledger.grants,
      holdsTogether: this.#ledger.together,
      connectionHolds: this.#users.connectionHolds,
      fencedWrites: this.#serviceChecks.locks.fencedWrites,
      fencedRefusals: this.#serviceChecks.locks.fencedRefusals,
      operations: this.#recorder.operations.length,
      answered: this.#users.answered,
      unknown: this.#users.unknown,
      ...this.#serviceChecks.auth.coverage,
      ...this.#changer.counts,
    };
  }
}
