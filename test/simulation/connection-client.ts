import { holdConnection } from '../../src/lock/connection-hold.js';
import { RightLost } from '../../src/lock/right-lost.js';
import {
  Asker,
  type ClientWorld,
  mayHold,
  requestTimeoutMs,
  type User,
  whileAllowed,
} from './asker.js';
import type { HoldKind } from './hold-ledger.js';
import type { Random } from './random.js';
import type { SimulatedMember } from './simulated-member.js';

/**
 * Their queue entries are renewed by a member, of which no history tells: so these locks are theirs
 * alone.
 */
const names = ['c0', 'c1', 'c2'] as const;

interface HoldRequest {
  readonly name: (typeof names)[number];
  readonly value: string;
  readonly kind: HoldKind;
  readonly ttlMs: number;
  /** Otherwise it only waits, and when it is granted lets its TTL run out. */
  readonly holdsConnection: boolean;
  /** It counts on being alone, if its kind says so: nobody shares its queue entry. */
  readonly isOwn: boolean;
  readonly patienceMs: number;
}

export interface ConnectionHabits {
  /** Many ask through one member or two at one time, some of them for one queue entry. */
  readonly crowds: boolean;
}

/** Holds locks for as long as its connections live. */
export class ConnectionClient implements User {
  readonly #name: string;
  readonly #asker: Asker;
  readonly #random: Random;
  readonly #habits: ConnectionHabits;
  /** One for all its queue entries: a late renewal for a shorter one would shorten a longer one. */
  readonly #ttlMs: number;
  holds = 0;

  constructor(name: string, world: ClientWorld, random: Random, habits: ConnectionHabits) {
    this.#name = name;
    this.#asker = new Asker(world, world.loginOf(name));
    this.#random = random;
    this.#habits = habits;
    this.#ttlMs = random.between(1, 4) * 1000;
  }

  get answered(): number {
    return this.#asker.answered;
  }

  get unknown(): number {
    return this.#asker.unknown;
  }

  async run(): Promise<void> {
    const thinkMs = this.#asker.world.maximumThinkMs * (this.#habits.crowds ? 20 : 1);
    while (!this.#asker.world.stopped()) {
      await this.#asker.sleep(this.#random.float() * thinkMs);
      const member = this.#asker.pickMember(this.#random);
      if (member === undefined) continue;
      if (this.#habits.crowds) await this.#gather(member);
      else await this.#hold(member, this.#ownRequest());
    }
  }

  async #gather(member: SimulatedMember): Promise<void> {
    const other = this.#asker.pickMember(this.#random) ?? member;
    const holds = this.#crowd().map((request) =>
      this.#hold(this.#random.pick([member, other]), request),
    );
    await Promise.all(holds);
  }

  #ownRequest(): HoldRequest {
    const name = this.#random.pick(names);
    return {
      name,
      value: this.#name,
      kind: this.#kindOf(name),
      ttlMs: this.#ttlMs,
      holdsConnection: true,
      isOwn: true,
      patienceMs: this.#random.logBetween(500, 12_000),
    };
  }

  #crowd(): readonly HoldRequest[] {
    const name = this.#random.pick(names);
    const count = Math.floor(this.#random.logBetween(4, 30));
    const kind = this.#kindOf(name);
    return Array.from({ length: count }, () => ({
      name,
      value: this.#random.pick(['', `${this.#name}-1`, `${this.#name}-2`]),
      kind,
      ttlMs: this.#random.pick([1000, 1000, 2000]),
      holdsConnection: this.#random.chance(0.7),
      isOwn: false,
      patienceMs: this.#random.logBetween(500, 12_000),
    }));
  }

  #kindOf(name: HoldRequest['name']): HoldKind {
    if (name === 'c2') return { mode: 'exclusive', limit: 2 };
    const isShared = name === 'c1' && this.#random.chance(0.6);
    return { mode: isShared ? 'shared' : 'exclusive', limit: 1 };
  }

  async #hold(member: SimulatedMember, request: HoldRequest): Promise<void> {
    const running = member.running;
    const caller = running && this.#asker.callerAt(running);
    if (running === undefined || caller === undefined) return;
    const { name, value, kind, ttlMs, holdsConnection, patienceMs, isOwn } = request;
    const { ledger, scheduler, trace, hasPauses } = this.#asker.world;
    const connection = new AbortController();
    const lock = `lock ${name}`;
    let token: number | undefined;
    const close = (reason?: unknown) => {
      if (token !== undefined) ledger.end(lock, token, scheduler.now);
      connection.abort(reason);
    };
    scheduler.after(patienceMs, () => close());
    const outcome = await this.#asker.acquire(member, running, {
      space: 'lock',
      name,
      value,
      ttlMs,
      ...kind,
      ...caller,
      timeoutMs: Number.POSITIVE_INFINITY,
      holdsConnection,
      index: undefined,
      keepsPlace: false,
      signal: connection.signal,
      stopping: new AbortController().signal,
    });
    if (outcome?.type !== 'held' || !holdsConnection) return;
    const waiting = { ...caller, space: 'lock', name } as const;
    const lose = () => close(new RightLost());
    const done = whileAllowed(running, waiting, lose);
    if (!mayHold(running, waiting)) lose();
    if (isOwn && !hasPauses && !connection.signal.aborted) {
      token = outcome.index;
      this.holds += 1;
      trace.add(this.#name, `holds ${lock} with ${token} while ${member.name} lets it`);
      ledger.hold(lock, token, kind, scheduler.now, Number.POSITIVE_INFINITY);
    }
    const { coordinator, pendingCancels } = running;
    const host = { coordinator, pendingCancels, requestTimeoutMs };
    const holding = { ...caller, signal: connection.signal };
    await Promise.race([holdConnection(host, outcome, holding), running.gone]);
    done();
    close();
  }
}
