import type { CommandResult } from '../../src/command/command-result.js';
import type { KeyCommand } from '../../src/command/keys.js';
import type { LockCommand } from '../../src/command/locks.js';
import { type AcquireOutcome, type AcquireRequest, acquire } from '../../src/lock/acquire.js';
import { leaseMargins } from '../../src/lock/lock-handle.js';
import { UnavailableError } from '../../src/member/coordinator.js';
import type { Recorder } from '../history/recorder.js';
import type { HoldLedger } from './hold-ledger.js';
import type { Random } from './random.js';
import type { Scheduler } from './scheduler.js';
import type { ServiceChecks } from './service-checks.js';
import type { Running, SimulatedMember } from './simulated-member.js';
import type { Trace } from './trace.js';
import { demand } from './violation.js';

export interface ClientWorld {
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly members: readonly SimulatedMember[];
  readonly checks: ServiceChecks;
  readonly ledger: HoldLedger;
  readonly recorder: Recorder;
  readonly maximumDrift: number;
  readonly maximumThinkMs: number;
  /** Each fires many commands at once now and then. */
  readonly bursts: boolean;
  /** A member may stand still, and then can't tell a client that its lock is lost. */
  readonly hasPauses: boolean;
  /** Asked more often than the others; undefined when all are asked alike. */
  readonly favourite: SimulatedMember | undefined;
  readonly stopped: () => boolean;
}

/** Whoever uses the cluster until the clients are stopped. */
export interface User {
  readonly answered: number;
  readonly unknown: number;
  run(): Promise<void>;
}

export const requestTimeoutMs = 3000;

/** What every client does: it asks a member, and what it is told is checked. */
export class Asker {
  readonly world: ClientWorld;
  answered = 0;
  unknown = 0;

  constructor(world: ClientWorld) {
    this.world = world;
  }

  /** Undefined when the outcome is unknown, or there was none. */
  async command(
    member: SimulatedMember,
    command: KeyCommand | LockCommand,
  ): Promise<CommandResult | undefined> {
    const { checks } = this.world;
    const floor = checks.toldIndex;
    const running = member.running;
    if (running === undefined) return undefined;
    const proposed = running.coordinator.propose(command, requestTimeoutMs);
    const applied = await this.answerOf(running, proposed);
    if (applied === undefined) return undefined;
    const { result, sequence } = applied;
    checks.onAcknowledged(member, running.boot, sequence, result, floor);
    return result;
  }

  /**
   * Who is told that it holds does so: as the member sees it then, and as anybody could know it.
   */
  async acquire(
    member: SimulatedMember,
    running: Running,
    request: Omit<AcquireRequest, 'receivedAt'>,
  ): Promise<AcquireOutcome | undefined> {
    const { coordinator, pendingCancels, clock, stateMachine } = running;
    const outcome = await this.answerOf(
      running,
      acquire(
        { coordinator, pendingCancels, requestTimeoutMs },
        { ...request, receivedAt: clock.now() },
      ),
    );
    if (outcome?.type !== 'held') return outcome;
    const { space, name, index } = outcome;
    const entry = stateMachine.locks.queueEntry(space, name, index);
    const lock = `${space} ${name}`;
    demand(
      entry?.holds === true,
      `${member.name} tells that ${lock} is held with ${index}, and knows better`,
    );
    const ageMs = clock.now() - outcome.earliestLeaseStart;
    demand(
      ageMs < leaseMargins.trusted * entry.ttlMs,
      `${member.name} tells that ${lock} is held with ${index}, and has not looked for ${ageMs.toFixed(0)} ms`,
    );
    this.world.checks.locks.onTold(lock, index, ageMs, member.now);
    return outcome;
  }

  /** Undefined when the member crashed first, or no leader answered in time. */
  async answerOf<T>(running: Running, answer: Promise<T>): Promise<T | undefined> {
    try {
      const value = await Promise.race([answer, running.gone]);
      if (value === undefined) this.unknown += 1;
      else this.answered += 1;
      return value;
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      this.unknown += 1;
      return undefined;
    }
  }

  /**
   * A member that runs, chosen at random; undefined when the one that was chosen does not, or
   * nothing more is asked.
   */
  pickMember(random: Random): SimulatedMember | undefined {
    const { members, favourite, stopped } = this.world;
    if (stopped()) return undefined;
    const member = favourite !== undefined && random.chance(0.7) ? favourite : random.pick(members);
    return member.isUp ? member : undefined;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.world.scheduler.after(ms, resolve));
  }
}
