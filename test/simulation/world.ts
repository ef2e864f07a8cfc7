import { noFences } from '../../src/command/fence.js';
import { releaseFormats } from '../../src/encoding/format-range.js';
import type { Entry } from '../../src/raft/entry.js';
import type { Outcome } from '../../src/store/state-machine.js';
import { checkHistory, oneClock } from '../history/check.js';
import { Recorder } from '../history/recorder.js';
import type { ClientWorld } from './asker.js';
import type { Coverage } from './coverage.js';
import { DiskChecks } from './disk-checks.js';
import { FaultInjector } from './fault-injector.js';
import { type FaultPlan, planFaults } from './faults.js';
import { HoldLedger } from './hold-ledger.js';
import { LeaderChecks } from './leader-checks.js';
import { RaftChecks } from './raft-checks.js';
import { Random } from './random.js';
import { Replica } from './replica.js';
import { Scheduler } from './scheduler.js';
import { ServiceChecks } from './service-checks.js';
import { memberIds, SimulatedMember } from './simulated-member.js';
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
const tickMs = 25;
/** So that a snapshot takes some steps, small as the state is. */
const snapshotChunkBytes = 2048;
/** So that a snapshot is taken in the plan's rhythm, also when the state outgrows the log. */
const usualEntryBytes = 60;
/** Once all is healed, a leader is there by then. */
const leaderWithinMs = 4000;
/** Then no command waits longer for its answer. */
const answerWithinMs = 4000;
/** All members have applied the same at some moment within this time. */
const agreementWithinMs = 2000;
/** Another member leads so soon after the one that leads was asked to hand over. */
const handOverWithinMs = 1000;

/** One seed's cluster with its clients, its faults and its checks. */
export class World {
  readonly #options: RunOptions;
  readonly #plan: FaultPlan;
  readonly #scheduler = new Scheduler();
  readonly #trace: Trace;
  readonly #raftChecks = new RaftChecks();
  readonly #diskChecks = new DiskChecks();
  readonly #leaderChecks = new LeaderChecks();
  readonly #snapshotChecks: SnapshotChecks;
  readonly #serviceChecks: ServiceChecks;
  readonly #ledger = new HoldLedger();
  readonly #recorder = new Recorder(() => this.#scheduler.now);
  readonly #network: SimulatedNetwork;
  readonly #members: readonly SimulatedMember[];
  readonly #users: Users;
  #failure: Error | undefined;
  #clientsStopped = false;
  #snapshotsInstalled = 0;
  #handOvers = 0;

  constructor(options: RunOptions) {
    this.#options = options;
    const { seed } = options;
    this.#plan = planFaults(new Random(seed, 'plan'));
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
    this.#network = new SimulatedNetwork(
      this.#scheduler,
      new Random(seed, 'network'),
      this.#plan.network,
      memberIds(this.#plan.memberCount),
    );
    this.#members = this.#createMembers();
    this.#users = this.#createUsers();
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

  async #runPhases(): Promise<void> {
    this.#trace.add('world', `seed ${this.#options.seed}: ${JSON.stringify(this.#plan)}`);
    for (const member of this.#members) {
      member.start().catch((error: unknown) => member.break(error));
    }
    const { memberCount } = this.#plan;
    const faults = new FaultInjector(
      this.#plan,
      new Random(this.#options.seed, 'faults'),
      this.#scheduler,
      this.#trace,
      this.#members,
      this.#network,
    );
    this.#startUsers();
    await this.#runFor(this.#options.durationMs / 2);
    this.#options.upgrade?.restartLast(this.#members);
    await this.#runFor(this.#options.durationMs / 2);
    faults.stopAndHeal();
    this.#network.stopFaults();
    const calmFrom = this.#scheduler.now + leaderWithinMs;
    this.#serviceChecks.locks.calmFrom = calmFrom;
    await this.#runFor(12_000);
    this.#clientsStopped = true;
    await this.#runFor(8000);
    await this.#demandLiveness();
    this.#demandHistory(calmFrom);
    demand(memberCount === this.#members.length, 'all members are part of the run');
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

  /**
   * After the faults: one leader, a write goes through, all queues drain, and all members agree.
   */
  async #demandLiveness(): Promise<void> {
    const [writer] = this.#members;
    demand(writer?.running !== undefined, 'a healed cluster has all its members running');
    let written = false;
    const probe = { path: '/probe', value: 'p', dir: false, refresh: false, ttlMs: undefined };
    const write = { type: 'set', ...probe, fences: noFences } as const;
    writer.running.member.propose(write, 5000).then(
      () => {
        written = true;
      },
      (error: unknown) => writer.break(error),
    );
    await this.#runFor(5000);
    demand(written, 'a healed cluster commits a write within 5 s');
    await this.#runFor(1000);
    await this.#demandAgreement();
    this.#options.upgrade?.demandRaised(this.#members);
    this.#demandDrained(writer);
    this.#serviceChecks.locks.demandNoneOverdue(this.#scheduler.now);
    for (const { running } of this.#members) running?.coordinator.demandAnswered(answerWithinMs);
    await this.#demandHandOver();
  }

  /**
   * Time goes on in the log while TTLs run, so all have applied the same only from moment to
   * moment.
   */
  async #demandAgreement(): Promise<void> {
    const applied = () =>
      this.#members.map((member) => {
        demand(member.running !== undefined, `${member.name} runs`);
        return member.running.stateMachine;
      });
    const isLevel = () => new Set(applied().map(({ appliedIndex }) => appliedIndex)).size === 1;
    for (let waitedMs = 0; waitedMs < agreementWithinMs && !isLevel(); waitedMs += 20) {
      await this.#runFor(20);
    }
    const hashes = applied().map((state) => `${state.appliedIndex} ${state.stateHash()}`);
    demand(new Set(hashes).size === 1, `members differ at the end: ${hashes.join(' | ')}`);
  }

  async #demandHandOver(): Promise<void> {
    const leads = (member: SimulatedMember) => member.running?.raft.softState().role === 'leader';
    const leader = this.#members.find(leads);
    demand(leader !== undefined, 'a healed cluster has a leader');
    if (this.#members.length === 1) return;
    leader.handOver();
    await this.#runFor(handOverWithinMs);
    const next = this.#members.find(leads);
    demand(
      next !== undefined && next !== leader,
      `${leader.name} does not hand over within ${handOverWithinMs} ms`,
    );
  }

  #demandDrained(member: SimulatedMember): void {
    const state = member.running?.stateMachine;
    for (const space of ['lock', 'leader'] as const) {
      for (const name of state?.locks.namesFrom(space, '') ?? []) {
        const queue = state?.locks.queue(space, name) ?? [];
        const waiting = queue.filter(({ holds }) => !holds).length;
        demand(waiting === 0, `${waiting} queue entries of ${space} ${name} still wait`);
      }
    }
  }

  #createMembers(): readonly SimulatedMember[] {
    const ids = memberIds(this.#plan.memberCount);
    const { snapshotCount, trailingEntries, appendBytesMax, inflightMax, committedBytesMax } =
      this.#plan;
    return ids.map(
      (id, position) =>
        new SimulatedMember(id, `node${position + 1}`, this.#options.seed, {
          scheduler: this.#scheduler,
          trace: this.#trace,
          clusterId: 'c'.repeat(16),
          memberIds: ids,
          limits: {
            tickMs,
            snapshotCount,
            snapshotLogBytesMax: snapshotCount * usualEntryBytes,
            snapshotChunkBytes,
            trailingEntries,
            // None in a third of all runs, so that followers need snapshots often enough.
            catchUpEntriesMax: 4 * trailingEntries,
            appendBytesMax,
            inflightMax,
            committedBytesMax,
          },
          stateMachine: this.#plan.cleanUp,
          formatsOf: (member) => this.#options.upgrade?.formatsOf(member) ?? releaseFormats,
          maximumDrift: this.#plan.maximumDrift,
          turnDelayMsMax: this.#plan.turnDelayMsMax,
          snapshotPieceBytes: this.#plan.snapshotPieceBytes,
          slowRestores: this.#plan.slowRestores,
          connect: (member, hello) => this.#network.connect(hello, this.#observerOf(member)),
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
        }),
    );
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
      favourite: load.favourite ? this.#members[0] : undefined,
      stopped: () => this.#clientsStopped,
    };
    return new Users(this.#plan, world, (name) => new Random(this.#options.seed, name));
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
    this.#raftChecks.onApplied(member, entry, this.#members);
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
      handOvers: this.#handOvers,
      duplicates: this.#serviceChecks.duplicates,
      keyExpiries: this.#serviceChecks.expiries,
      lockExpiries: this.#serviceChecks.locks.expiries,
      grants: this.#serviceChecks.locks.grants,
      waits: this.#serviceChecks.locks.waits,
      stops: this.#serviceChecks.locks.stops,
      holds: this.#ledger.grants,
      holdsTogether: this.#ledger.together,
      connectionHolds: this.#users.connectionHolds,
      fencedWrites: this.#serviceChecks.locks.fencedWrites,
      fencedRefusals: this.#serviceChecks.locks.fencedRefusals,
      operations: this.#recorder.operations.length,
      answered: this.#users.answered,
      unknown: this.#users.unknown,
    };
  }
}
