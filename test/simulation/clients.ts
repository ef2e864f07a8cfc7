import type { CommandResult } from '../../src/command/command-result.js';
import { errorTable } from '../../src/command/errors.js';
import type { Fence } from '../../src/command/fence.js';
import { noFences } from '../../src/command/fence.js';
import type { KeyCommand } from '../../src/command/keys.js';
import type { LockSpace } from '../../src/command/lock-path.js';
import type { AcquireOutcome } from '../../src/lock/acquire.js';
import type { AcquireOperation, TokenOperation } from '../history/operation.js';
import { Asker, type ClientWorld, requestTimeoutMs, type User } from './asker.js';
import type { HoldKind } from './hold-ledger.js';
import type { Random } from './random.js';
import type { SimulatedMember } from './simulated-member.js';

/** Readers and writers need company to meet: see `#holdKind`. */
const lockNames: Readonly<Record<LockSpace, readonly string[]>> = {
  lock: ['n0', 'n1', 'n1', 'n1', 'n2'],
  leader: ['n0', 'n1', 'n2'],
};

interface Wanted {
  readonly space: LockSpace;
  readonly name: string;
  readonly value: string;
  readonly ttlMs: number;
  readonly kind: HoldKind;
}

interface ComeBack {
  /** The index of the place to come back to; undefined when its value will do. */
  readonly place: number | undefined;
  readonly keepsPlace: boolean;
}

/** One user: it does one thing after the other, each through a peer chosen at random. */
export class Client implements User {
  readonly #name: string;
  readonly #world: ClientWorld;
  readonly #asker: Asker;
  readonly #random: Random;
  readonly #uses: 'keys' | LockSpace;
  #valueCount = 0;
  /** Shared between steps so that a compareAndSwap can succeed. */
  #lastValue = '';
  /**
   * A renewal with a shorter TTL shortens what a longer one gave, even if it comes late. So who
   * shares a queue entry, with others or with its own earlier self, keeps to one.
   */
  readonly #ttlMs: number;

  constructor(name: string, world: ClientWorld, random: Random, uses: 'keys' | LockSpace) {
    this.#name = name;
    this.#uses = uses;
    this.#world = world;
    this.#asker = new Asker(world, world.loginOf(name));
    this.#random = random;
    this.#ttlMs = random.pick([1, 1, 2, 3, 5]) * 1000;
  }

  get answered(): number {
    return this.#asker.answered;
  }

  get unknown(): number {
    return this.#asker.unknown;
  }

  async run(): Promise<void> {
    while (!this.#world.stopped()) {
      await this.#asker.sleep(this.#random.float() * this.#world.maximumThinkMs);
      const member = this.#asker.pickMember(this.#random);
      if (member === undefined) continue;
      if (this.#uses === 'keys') await this.#useKeys(member);
      else await this.#useLock(this.#uses, member);
    }
  }

  async #useKeys(member: SimulatedMember): Promise<void> {
    if (this.#random.chance(0.3)) await this.#read(member);
    else if (this.#world.bursts && this.#random.chance(0.04)) await this.#burst(member);
    else await this.#change(member);
  }

  async #burst(member: SimulatedMember): Promise<void> {
    const count = Math.floor(this.#random.logBetween(4, 30));
    await Promise.all(Array.from({ length: count }, () => this.#change(member)));
  }

  async #change(member: SimulatedMember): Promise<void> {
    const result = await this.#asker.command(member, this.#keyCommand());
    if (result?.type === 'event') this.#lastValue = result.event.node.value ?? '';
  }

  #keyCommand(): KeyCommand {
    const path = `/k/${this.#random.between(0, 4)}`;
    const fences = noFences;
    const value = this.#uniqueValue();
    const ttlMs = this.#random.chance(0.3) ? this.#random.between(1, 4) * 1000 : undefined;
    const prevIndex = this.#random.chance(0.5) ? this.#random.between(1, 50) : undefined;
    switch (this.#random.between(0, 6)) {
      case 0:
        return { type: 'create', path, fences, value, dir: false, ttlMs };
      case 1:
        return { type: 'update', path, fences, value, refresh: false, ttlMs };
      case 2:
        return { type: 'delete', path, fences, dir: false, recursive: false };
      case 3:
        return {
          type: 'createInOrder',
          path: '/queue',
          fences,
          dir: false,
          value,
          ttlMs: ttlMs ?? 3000,
        };
      case 4:
        return {
          type: 'compareAndSwap',
          path,
          fences,
          value,
          prevIndex,
          prevValue: prevIndex === undefined ? this.#lastValue : undefined,
          refresh: false,
          ttlMs,
        };
      default:
        return { type: 'set', path, fences, value, dir: false, refresh: false, ttlMs };
    }
  }

  async #read(member: SimulatedMember): Promise<void> {
    const floor = this.#world.checks.toldIndex;
    const running = member.running;
    if (running === undefined) return;
    const barrier = running.coordinator.readBarrier(requestTimeoutMs).then(() => true);
    if ((await this.#asker.answerOf(running, barrier)) === undefined) return;
    this.#world.checks.onRead(member, running.member.state.etcdIndex, floor);
  }

  /** Takes a lock, keeps it for a while, and gives it back or forgets it. */
  async #useLock(space: LockSpace, member: SimulatedMember): Promise<void> {
    const name = this.#random.pick(lockNames[space]);
    const kind = this.#holdKind(space, name);
    const isJoint = this.#random.chance(0.2);
    const value = isJoint ? 'joint' : this.#lockValue(space);
    const ttlMs = isJoint ? 3000 : this.#ttlMs;
    const held = await this.#waitFor({ space, name, value, ttlMs, kind }, member);
    if (held === undefined) return;
    const fence = { space, name, index: held.index };
    await this.#holdLock({ fence, kind, ttlMs, validFrom: held.askedAt });
    // Late, as by a client that stood still: it has to be refused if the queue entry holds no more.
    if (this.#random.chance(0.3)) await this.#writeFenced(fence);
  }

  /**
   * Asks again for a place that was kept, at any member, until it holds or gives up. It may ask
   * without keep at first: that request leaves late.
   */
  async #waitFor(
    wanted: Wanted,
    firstMember: SimulatedMember,
  ): Promise<{ readonly index: number; readonly askedAt: number } | undefined> {
    let member: SimulatedMember | undefined = firstMember;
    let place: number | undefined;
    const comesBack = this.#random.chance(0.4);
    let keepsPlace = comesBack && this.#random.chance(0.8);
    for (let rounds = comesBack ? 6 : 1; rounds > 0 && member !== undefined; rounds -= 1) {
      const askedAt = this.#world.scheduler.now;
      const outcome = await this.#ask({ ...wanted, place, keepsPlace }, member);
      if (outcome?.type === 'held') return { index: outcome.index, askedAt };
      if (outcome?.type === 'refused' || outcome?.type === 'removed') return undefined;
      place = this.#placeAfter(outcome, { place, keepsPlace }, wanted);
      if (place === undefined && wanted.value === '') return undefined;
      keepsPlace = comesBack;
      // Mostly it finds its place, and sometimes that is gone.
      await this.#asker.sleep(this.#random.logBetween(1, 2 * wanted.ttlMs));
      member = this.#asker.pickMember(this.#random);
    }
    return undefined;
  }

  /**
   * Where the client comes back to; undefined when its value will do. Without an answer, as after a
   * crash of the member, that is where it was.
   */
  #placeAfter(
    outcome: AcquireOutcome | undefined,
    { place, keepsPlace }: ComeBack,
    { value }: Wanted,
  ): number | undefined {
    if (outcome?.type !== 'timedOut' && outcome?.type !== 'handedOver') return place;
    // The value finds the place as well as its index does.
    const comesByIndex = value === '' || this.#random.chance(0.7);
    return comesByIndex && keepsPlace ? outcome.index : undefined;
  }

  /** One request. Undefined when the client has left before its answer. */
  async #ask(
    { space, name, value, ttlMs, kind, place, keepsPlace }: Wanted & ComeBack,
    member: SimulatedMember,
  ): Promise<AcquireOutcome | undefined> {
    const { running } = member;
    const caller = running && this.#asker.callerAt(running);
    if (running === undefined || caller === undefined) return undefined;
    const { scheduler, recorder } = this.#world;
    const timeoutMs = this.#random.pick(
      keepsPlace ? [500, 500, 3000] : [0, 500, 3000, Number.POSITIVE_INFINITY],
    );
    const leaving = new AbortController();
    const stopping = new AbortController();
    scheduler.after(this.#random.logBetween(10, 60_000), () => leaving.abort());
    const stops = keepsPlace && this.#random.chance(0.3);
    if (stops) scheduler.after(this.#random.logBetween(10, 3000), () => stopping.abort());
    const told = recorder.acquire({
      client: this.#name,
      lock: `${space} ${name}`,
      value,
      ttlMs,
      claim: kind,
      tryOnly: timeoutMs === 0,
      place,
    });
    const outcome = await this.#asker.acquire(member, running, {
      space,
      name,
      value,
      ttlMs,
      ...kind,
      ...caller,
      timeoutMs,
      holdsConnection: false,
      index: place,
      keepsPlace,
      signal: AbortSignal.any([leaving.signal, stopping.signal]),
      stopping: stopping.signal,
    });
    const hasLeft = leaving.signal.aborted;
    if (outcome !== undefined && 'index' in outcome && outcome.index === place) {
      this.#world.checks.locks.comebacks += 1;
    }
    if (outcome?.type === 'lostRight') {
      told({ type: 'unknown', lostRight: true });
      return undefined;
    }
    told(hasLeft ? { type: 'unknown' } : toldBy(outcome, keepsPlace));
    return hasLeft ? undefined : outcome;
  }

  async #holdLock(held: {
    fence: Fence;
    kind: HoldKind;
    ttlMs: number;
    validFrom: number;
  }): Promise<void> {
    const { fence, kind, ttlMs } = held;
    const { space, name, index: token } = fence;
    const { ledger, scheduler, trace, maximumDrift } = this.#world;
    const lock = `${space} ${name}`;
    const safeMs = ttlMs * (1 - 2 * maximumDrift);
    let until = held.validFrom + safeMs;
    trace.add(this.#name, `is told that it holds ${lock} with ${token}`);
    for (let renewals = this.#random.between(0, 3); renewals >= 0; renewals -= 1) {
      if (until > scheduler.now) ledger.hold(lock, token, kind, scheduler.now, until);
      else if (renewals === 0) return;
      await this.#asker.sleep(this.#random.float() * ttlMs * 0.5);
      if (this.#random.chance(0.5)) await this.#writeFenced(fence);
      if (renewals === 0) break;
      const sentAt = scheduler.now;
      const member = this.#random.pick(this.#world.members);
      const renew = { type: 'renew', space, name, index: token, value: undefined, ttlMs } as const;
      const told = this.#world.recorder.renew({ client: this.#name, lock, token, ttlMs });
      const result = await this.#asker.command(member, renew);
      told(foundBy(result));
      if (result?.type !== 'queueEntry') return;
      until = Math.max(until, sentAt + safeMs);
    }
    if (this.#random.chance(0.2)) return;
    ledger.end(lock, token, scheduler.now);
    const release = { type: 'release', space, name, index: token, value: undefined } as const;
    const told = this.#world.recorder.release({ client: this.#name, lock, token });
    told(foundBy(await this.#asker.command(this.#random.pick(this.#world.members), release)));
  }

  /** A write that only a holder may do. Whether it may is checked where it is applied. */
  async #writeFenced(own: Fence): Promise<void> {
    const member = this.#random.pick(this.#world.members);
    const fence = this.#random.chance(0.8) ? own : this.#someFence(own, member);
    const path = `/fenced/${fence.space}/${fence.name}`;
    const write = { path, value: `${fence.index}`, ttlMs: undefined, dir: false, refresh: false };
    const command = { type: 'set', fences: [fence], ...write } as const;
    await this.#asker.command(member, command);
  }

  /** With the token of somebody else in the queue, who may wait. */
  #someFence(own: Fence, member: SimulatedMember): Fence {
    const queue = member.running?.stateMachine.locks.queue(own.space, own.name) ?? [];
    return queue.length === 0 ? own : { ...own, index: this.#random.pick(queue).index };
  }

  /** Each lock is mostly asked for in one way, or in two that go together; and sometimes not. */
  #holdKind(space: LockSpace, name: string): HoldKind {
    const exclusive = { mode: 'exclusive', limit: 1 } as const;
    if (space === 'leader' || name === 'n0' || this.#random.chance(0.1)) return exclusive;
    if (name === 'n2') return { mode: 'exclusive', limit: 2 };
    return this.#random.chance(0.6) ? { mode: 'shared', limit: 1 } : exclusive;
  }

  #uniqueValue(): string {
    this.#valueCount += 1;
    return `${this.#name}-${this.#valueCount}`;
  }

  #lockValue(space: LockSpace): string {
    return space === 'lock' && this.#random.chance(0.5) ? '' : this.#name;
  }
}

/** What a client knows that was told so. */
function toldBy(
  outcome: AcquireOutcome | undefined,
  keepsPlace: boolean,
): AcquireOperation['result'] | undefined {
  switch (outcome?.type) {
    case 'held':
      return { type: 'ok', token: outcome.index };
    case 'removed':
      return { type: 'removed' };
    case 'timedOut':
      return keepsPlace ? { type: 'kept', token: outcome.index } : { type: 'fail' };
    case 'handedOver':
      return { type: 'left', token: outcome.index };
    case 'refused':
      return refusedWith(outcome.error.errorCode);
    default:
      return { type: 'unknown' };
  }
}

/** Undefined when nothing of it took effect. */
function refusedWith(errorCode: number): AcquireOperation['result'] | undefined {
  switch (errorCode) {
    case errorTable.lockNotAcquired.errorCode:
      return { type: 'fail' };
    case errorTable.lockLimitDiffers.errorCode:
    case errorTable.lockModeDiffers.errorCode:
    case errorTable.unauthorized.errorCode:
      return undefined;
    // The place to come back to.
    case errorTable.keyNotFound.errorCode:
      return { type: 'removed' };
    default:
      return { type: 'unknown' };
  }
}

/** Whether the queue entry was there. */
function foundBy(result: CommandResult | undefined): TokenOperation['result'] {
  if (result === undefined) return 'unknown';
  if (result.type !== 'error') return 'ok';
  return result.error.errorCode === errorTable.keyNotFound.errorCode ? 'fail' : 'unknown';
}
