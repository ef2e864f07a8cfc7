import { decodeEnvelope } from '../../src/command/codec.js';
import type { Command } from '../../src/command/command.js';
import type { CommandResult } from '../../src/command/command-result.js';
import type { Origin } from '../../src/command/envelope.js';
import type { NodeEvent } from '../../src/command/event.js';
import type { Entry } from '../../src/raft/entry.js';
import type { Outcome } from '../../src/store/state-machine.js';
import { AuthChecks } from './auth-checks.js';
import { ClockChecks } from './clock-checks.js';
import { LockChecks } from './lock-checks.js';
import type { SimulatedMember } from './simulated-member.js';
import { newer } from './upgrade.js';
import { demand } from './violation.js';

/**
 * What the service promises: an acknowledged command is in the log and took effect once, reads and
 * writes respect real time, a TTL is never early, and all members tell the same story to their
 * watchers. The first member to apply an entry speaks for all; the others are held against it.
 */
export class ServiceChecks {
  readonly locks: LockChecks;
  readonly clock: ClockChecks;
  readonly auth = new AuthChecks();
  readonly #onCommand: (index: number, command: Command) => void;
  /** The result of each command that took effect, by its origin. */
  readonly #results = new Map<string, string>();
  /** The TTLs that run on keys: when the first member applied what set them, in true time. */
  readonly #ttls = new Map<string, { readonly ttlMs: number; readonly since: number }>();
  readonly #events = new Map<number, string>();
  readonly #maximumDrift: number;
  /** The highest etcd index that any client was told. */
  #toldIndex = 0;
  duplicates = 0;
  expiries = 0;

  /**
   * @param onCommand told of each command that is applied, once, and before anything else is
   *   checked.
   */
  constructor(
    maximumDrift: number,
    leftBehindMax: number,
    onCommand: (index: number, command: Command) => void,
  ) {
    this.#onCommand = onCommand;
    this.#maximumDrift = maximumDrift;
    this.locks = new LockChecks(maximumDrift, leftBehindMax);
    this.clock = new ClockChecks(maximumDrift);
  }

  /** Called for the first member that applies the entry, right after it did. */
  onFirstApplied(member: SimulatedMember, entry: Entry, outcome: Outcome | undefined): void {
    const state = member.running?.stateMachine;
    if (entry.type !== 'command' || outcome === undefined || state === undefined) return;
    const { stamp, command, origin } = decodeEnvelope(entry.data, newer.highest);
    this.#onCommand(entry.index, command);
    this.clock.onCommitted(entry, stamp.clusterTimeMs);
    const isRepeated = origin !== undefined && !this.#remember(origin, outcome.result);
    const { result } = outcome;
    const { now } = member;
    const isRefused =
      origin !== undefined &&
      !isRepeated &&
      this.auth.onApplied({ index: entry.index, command, identity: origin.identity, result });
    const changesNothing = isRepeated || isRefused;
    this.locks.onApplied({ command, origin, result, state, now, changesNothing });
  }

  /** False when it was applied before. */
  #remember(origin: Origin, result: CommandResult): boolean {
    const key = `${origin.memberId} ${origin.boot} ${origin.sequence}`;
    if (this.#results.has(key)) {
      this.duplicates += 1;
      return false;
    }
    this.#results.set(key, fingerprint(result));
    return true;
  }

  /** The floor for everything that begins now. */
  get toldIndex(): number {
    return this.#toldIndex;
  }

  /** A client is told the result of its command, which it began when `floor` had been told. */
  onAcknowledged(
    member: SimulatedMember,
    boot: number,
    sequence: number,
    result: CommandResult,
    floor: number,
  ): void {
    const key = `${member.id} ${boot} ${sequence}`;
    const first = this.#results.get(key);
    demand(first !== undefined, `${member.name} acknowledged ${key}, which nobody applied`);
    const told = fingerprint(result);
    demand(told === first, `${key} was answered ${told}, but its effect was ${first}`);
    if (result.type === 'event') {
      const { modifiedIndex } = result.event.node;
      demand(modifiedIndex > floor, `${key} got index ${modifiedIndex} when ${floor} was old news`);
      this.#toldIndex = Math.max(this.#toldIndex, modifiedIndex);
    }
  }

  /** A client is told what a linearizable read found at `etcdIndex`. */
  onRead(member: SimulatedMember, etcdIndex: number, floor: number): void {
    demand(
      etcdIndex >= floor,
      `${member.name} served a read of index ${etcdIndex} when ${floor} was old news`,
    );
    this.#toldIndex = Math.max(this.#toldIndex, etcdIndex);
  }

  /**
   * Each watcher sees the events in order, without a gap of its own, and the same as all others.
   */
  onWatched(member: SimulatedMember, previousIndex: number, event: NodeEvent): void {
    const index = event.node.modifiedIndex;
    demand(
      index > previousIndex,
      `${member.name} told its watcher ${index} after ${previousIndex}`,
    );
    const told = `${event.action} ${event.node.key} ${event.node.value ?? ''}`;
    const known = this.#events.get(index);
    if (known === undefined) this.#onFirstEvent(index, told, event, member.now);
    demand(known === undefined || known === told, `event ${index} is both ${known} and ${told}`);
  }

  #onFirstEvent(index: number, told: string, { action, node }: NodeEvent, now: number): void {
    this.#events.set(index, told);
    if (action === 'expire') this.#checkExpiry(node.key, now);
    const { ttl } = node;
    if (ttl === undefined) this.#ttls.delete(node.key);
    else this.#ttls.set(node.key, { ttlMs: ttl.ttlMs, since: now });
  }

  #checkExpiry(key: string, now: number): void {
    const running = this.#ttls.get(key);
    demand(running !== undefined, `${key} expired without a TTL`);
    this.expiries += 1;
    const earliest = running.since + running.ttlMs * (1 - 2 * this.#maximumDrift);
    demand(
      now >= earliest,
      `${key} expired ${(earliest - now).toFixed(1)} ms before its TTL ended`,
    );
  }
}

/** What is left of a TTL is counted by each member for itself, so it is left out. */
function fingerprint(result: CommandResult): string {
  const isLocal = (key: string) => key === 'expiresAt' || key === 'leftMs';
  return JSON.stringify(result, (key, value: unknown) => (isLocal(key) ? undefined : value));
}
