import type { CommandResult } from '../../src/command/command-result.js';
import type { LockSpace } from '../../src/command/lock-path.js';
import type { Right } from '../../src/command/right.js';
import { type AcquireOutcome, type AcquireRequest, acquire } from '../../src/lock/acquire.js';
import { type HeldLock, leaseMargins } from '../../src/lock/lock-handle.js';
import { RightLost } from '../../src/lock/right-lost.js';
import { type ClientCommand, UnavailableError } from '../../src/member/coordinator.js';
import type { Recorder } from '../history/recorder.js';
import type { HoldLedger } from './hold-ledger.js';
import type { Caller, Login } from './login.js';
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
  readonly favourite: () => SimulatedMember | undefined;
  readonly stopped: () => boolean;
  /**
   * A backup was read to its end. A client had been told of `toldIndex` before it was asked for.
   */
  readonly onBackup: (member: SimulatedMember, file: Buffer, toldIndex: number) => void;
  /** Who the client of that name says it is. */
  readonly loginOf: (name: string) => Login;
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
  readonly #login: Login;
  answered = 0;
  unknown = 0;

  constructor(world: ClientWorld, login: Login) {
    this.world = world;
    this.#login = login;
  }

  /** Who asks, as the member sees it; undefined when it refuses. */
  callerAt(running: Running): Caller | undefined {
    return this.#login.callerAt(running);
  }

  /** Undefined when the outcome is unknown, or there was none. */
  async command(
    member: SimulatedMember,
    command: ClientCommand,
    knownCaller?: Caller,
  ): Promise<CommandResult | undefined> {
    const { checks } = this.world;
    const floor = checks.toldIndex;
    const running = member.running;
    if (running === undefined) return undefined;
    const caller = knownCaller ?? this.callerAt(running);
    if (caller === undefined) return undefined;
    const proposed = running.coordinator.propose(command, requestTimeoutMs, caller);
    const applied = await this.answerOf(running, proposed);
    if (applied === undefined) return undefined;
    const { result, sequence } = applied;
    checks.onAcknowledged(member, running.boot, sequence, result, floor);
    return result;
  }

  /**
   * Who is told that it holds does so: as the member sees it then, and as anybody could know it.
   * `lostRight`: its user may not wait any more, and the place is given up.
   */
  async acquire(
    member: SimulatedMember,
    running: Running,
    request: Omit<AcquireRequest, 'receivedAt'>,
  ): Promise<AcquireOutcome | { readonly type: 'lostRight' } | undefined> {
    const { coordinator, pendingCancels, clock } = running;
    const lost = new AbortController();
    const done = whileAllowed(running, request, () => lost.abort(new RightLost()));
    const signal = AbortSignal.any([request.signal, lost.signal]);
    const outcome = await this.answerOf(
      running,
      acquire(
        { coordinator, pendingCancels, requestTimeoutMs },
        { ...request, signal, receivedAt: clock.now() },
      ),
    );
    done();
    if (lost.signal.aborted) {
      this.world.checks.auth.waitsEnded += 1;
      return { type: 'lostRight' };
    }
    if (outcome?.type !== 'held') return outcome;
    this.#checkHeld(member, running, request, outcome);
    return outcome;
  }

  #checkHeld(
    member: SimulatedMember,
    running: Running,
    request: Waiting,
    { space, name, index, earliestLeaseStart }: HeldLock,
  ): void {
    const { clock, stateMachine } = running;
    const entry = stateMachine.locks.queueEntry(space, name, index);
    const lock = `${space} ${name}`;
    demand(
      entry?.holds === true,
      `${member.name} tells that ${lock} is held with ${index}, and knows better`,
    );
    demand(
      mayHold(running, request),
      `${member.name} tells that ${lock} is held with ${index} by a user who may not`,
    );
    const ageMs = clock.now() - earliestLeaseStart;
    demand(
      ageMs < leaseMargins.trusted * entry.ttlMs,
      `${member.name} tells that ${lock} is held with ${index}, and has not looked for ${ageMs.toFixed(0)} ms`,
    );
    this.world.checks.locks.onTold(lock, index, ageMs, member.now);
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
    const { members, stopped } = this.world;
    if (stopped()) return undefined;
    const favourite = this.world.favourite();
    const member = favourite !== undefined && random.chance(0.7) ? favourite : random.pick(members);
    return member.isUp ? member : undefined;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.world.scheduler.after(ms, resolve));
  }
}

/** What a request waits for, and for whom. */
type Waiting = Pick<AcquireRequest, 'identity' | 'name' | 'space'>;

/** As the member knows the users by now. */
export function mayHold({ coordinator }: Running, { identity, space, name }: Waiting): boolean {
  return coordinator.state.auth.allows(identity, acquireRight(space, name));
}

/** Tells once when the user may not hold the lock any more. Returns how to stop. */
export function whileAllowed(
  { revocations }: Running,
  { identity, space, name }: Waiting,
  revoke: () => void,
): () => void {
  const revocable = { identity, rights: () => [acquireRight(space, name)], revoke };
  revocations.add(revocable);
  return () => revocations.delete(revocable);
}

function acquireRight(space: LockSpace, name: string): Right {
  return { type: 'lock', space, action: 'acquire', name, recursive: false };
}
