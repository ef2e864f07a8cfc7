import type { Command } from '../../src/command/command.js';
import type { CommandResult } from '../../src/command/command-result.js';
import type { Origin } from '../../src/command/envelope.js';
import { errorTable } from '../../src/command/errors.js';
import type { KeyCommand } from '../../src/command/keys.js';
import { inOrderKey, type LockSpace, lockDirectory } from '../../src/command/lock-path.js';
import { joinPath } from '../../src/command/path.js';
import type { StateMachine } from '../../src/store/state-machine.js';
import type { QueueEntryView } from '../../src/view/queue-entry.js';
import { AttachmentLedger } from './attachment-ledger.js';
import type { Coverage } from './coverage.js';
import { demand } from './violation.js';

/** A queue as it was left by the last command that touched it. */
interface Queue {
  readonly limit: number;
  readonly tokens: readonly number[];
  /** The first of them, as many as hold. */
  readonly holders: readonly number[];
}

interface Term {
  readonly since: number;
  readonly ttlMs: number;
}

interface Lock {
  readonly space: LockSpace;
  readonly name: string;
}

/** All queues, and the holders that began and ended. */
export interface LockState {
  readonly etcdIndex: number;
  readonly locks: Pick<StateMachine['locks'], 'holderChanges' | 'limit' | 'namesFrom' | 'queue'>;
}

/** One command, right after the first member applied it. */
export interface Step {
  readonly command: Command;
  readonly origin: Origin | undefined;
  readonly result: CommandResult;
  readonly state: LockState;
  readonly now: number;
  /** It was applied before, or its user may not do that. */
  readonly changesNothing: boolean;
}

/** By how much a TTL may be late while there is a leader. */
const lateMsMax = 1500;

const spaces: readonly LockSpace[] = ['lock', 'leader'];
const noQueue: Queue = { limit: 0, tokens: [], holders: [] };

/**
 * What the locks promise at each index of the log: those hold who may hold together, first come
 * first served, tokens only grow, and a holder stays until its own queue entry is gone.
 */
export class LockChecks {
  readonly #queues = new Map<string, Queue>();
  /** Since when, in true time, the TTL of each holder runs; by its token. */
  readonly #terms = new Map<number, Term>();
  readonly #maximumDrift: number;
  /** In true time, by token: when the first member applied the end of its TTL. */
  readonly #expired = new Map<number, number>();
  readonly #attachments: AttachmentLedger;
  #newestToken = 0;
  /** Before the step that is looked at. */
  #etcdIndex = 0;
  /** From this moment of true time on a leader leads, and nothing disturbs it. */
  calmFrom = Number.POSITIVE_INFINITY;
  grants = 0;
  waits = 0;
  expiries = 0;
  fencedWrites = 0;
  fencedRefusals = 0;
  /** How often an abandoned queue entry kept somebody from holding. */
  stops = 0;
  /** How often a client found the place that it had kept. */
  comebacks = 0;

  get coverage(): Pick<Coverage, 'grants' | 'waits' | 'stops' | 'comebacks'> {
    const { grants, waits, stops, comebacks } = this;
    return { grants, waits, stops, comebacks };
  }

  /** @param leftBehindMax so many attachments of ended boots are dropped with each command. */
  constructor(maximumDrift: number, leftBehindMax: number) {
    this.#maximumDrift = maximumDrift;
    this.#attachments = new AttachmentLedger(leftBehindMax, (token) => this.#terms.has(token));
  }

  /** Compares every queue that the command may have touched with what it was before. */
  onApplied(step: Step): void {
    this.#compare(step);
    this.#etcdIndex = step.state.etcdIndex;
  }

  /**
   * A client is told that it holds, by a member that was certain of it so long ago: it had not
   * expired by then.
   */
  onTold(lock: string, token: number, ageMs: number, now: number): void {
    const expiredAt = this.#expired.get(token);
    const knownAt = now - ageMs * (1 + this.#maximumDrift);
    demand(
      expiredAt === undefined || expiredAt >= knownAt,
      `${lock} is told to be held with ${token}, which expired ${(now - (expiredAt ?? 0)).toFixed(1)} ms ago`,
    );
  }

  #compare(step: Step): void {
    const { command, origin, result, changesNothing } = step;
    this.#attachments.begin(origin);
    // Other commands may look at a queue entry, and drop its attachments out of order.
    const inOrder = command.type === 'advanceClock';
    const abandonedBefore = inOrder ? new Map(this.#attachments.abandoned) : undefined;
    if (this.#attachments.drops || command.type === 'expireKey') this.#checkAll(step);
    else if ('space' in command) this.#check(command.space, command.name, step);
    if (abandonedBefore !== undefined) this.#checkNewestFirst(abandonedBefore);
    if ('fences' in command) this.#checkFences(command, step);
    if (!changesNothing) this.#attachments.end(command, origin, result);
    const { abandoned, leftBehind } = this.#attachments;
    demand(
      abandoned.size <= leftBehind,
      `after ${command.type}: ${[...abandoned.keys()].join(', ')} should be gone, at most ${leftBehind} may be left of ended boots`,
    );
  }

  /** Of what one boot alone left behind, the newest goes first. */
  #checkNewestFirst(before: ReadonlyMap<number, string | undefined>): void {
    const { abandoned } = this.#attachments;
    const newestLeft = new Map<string, number>();
    for (const [token, boot] of abandoned) {
      if (boot !== undefined) newestLeft.set(boot, Math.max(token, newestLeft.get(boot) ?? 0));
    }
    for (const [token, boot] of before) {
      if (boot === undefined || abandoned.has(token)) continue;
      const left = newestLeft.get(boot) ?? 0;
      demand(left < token, `after advanceClock: ${token} went before ${left}, which is newer`);
    }
  }

  #checkAll(step: Step): void {
    for (const space of spaces) {
      const names = new Set(step.state.locks.namesFrom(space, ''));
      for (const key of this.#queues.keys()) {
        const [known = '', name = ''] = split(key);
        if (known === space) names.add(name);
      }
      for (const name of names) this.#check(space, name, step);
    }
  }

  #check(space: LockSpace, name: string, step: Step): void {
    const { command, state } = step;
    const key = `${space} ${name}`;
    const before = this.#queues.get(key) ?? noQueue;
    const entries = state.locks.queue(space, name);
    const after = queueOf(entries, state.locks.limit(space, name));
    const label = `${key} after ${command.type}: ${told(before)} became ${told(after)}`;
    this.#checkMoves(before, after, step, { space, name }, label);
    this.#checkHolders(entries, before, after, label);
    this.#checkTokens(before.tokens, after.tokens, label);
    checkOrder(before.tokens, after.tokens, label);
    checkLimit(before, after, label);
    this.#checkNotes(before, after, step, { space, name }, label);
    for (const token of gone(before, after)) this.#onGone(token, step, label);
    this.#noteTerms(before, entries, step);
    if (after.tokens.length > after.holders.length) this.waits += 1;
    if (entries.length === 0) this.#queues.delete(key);
    else this.#queues.set(key, after);
  }

  #noteTerms(before: Queue, entries: readonly QueueEntryView[], step: Step): void {
    for (const entry of entries) {
      if (!entry.holds) continue;
      const isNew = !before.holders.includes(entry.index);
      if (isNew) this.grants += 1;
      if (isNew || isRenewal(step, entry)) {
        this.#terms.set(entry.index, { since: step.now, ttlMs: entry.ttlMs });
      }
    }
  }

  /** All those in front hold that may hold together; one that is abandoned stops them. */
  #checkHolders(
    entries: readonly QueueEntryView[],
    before: Queue,
    { holders, limit }: Queue,
    label: string,
  ): void {
    const { abandoned } = this.#attachments;
    const writer = entries.findIndex(({ mode }) => mode === 'exclusive');
    const readers = writer < 0 ? entries.length : writer;
    const fitting = readers > 0 ? readers : Math.min(limit, entries.length);
    const stop = entries.findIndex(
      ({ index }) => abandoned.has(index) && !before.holders.includes(index),
    );
    const isStopped = stop >= 0 && stop < fitting;
    if (isStopped) this.stops += 1;
    const legal = isStopped ? stop : fitting;
    demand(holders.length === legal, `${label}: ${legal} of them should hold`);
    for (const [position, entry] of entries.entries()) {
      demand(entry.holds === position < legal, `${label}: those in front hold, and no other`);
      const isTimed = (entry.grantedAt !== undefined) === entry.holds;
      demand(isTimed, `${label}: who holds was granted at some time, and nobody else`);
    }
  }

  /**
   * What ends a queue entry is known, and only where one ended somebody who was there before is
   * granted, through a boot that goes on.
   */
  #checkMoves(before: Queue, after: Queue, step: Step, lock: Lock, label: string): void {
    const { command, changesNothing } = step;
    const { abandoned } = this.#attachments;
    const left = gone(before, after);
    for (const token of left) {
      const held = before.holders.includes(token);
      const mayEnd = !changesNothing && ends(command, lock, token, held);
      demand(mayEnd || abandoned.has(token), `${label}: that ended the queue entry ${token}`);
    }
    for (const token of after.holders) {
      if (before.holders.includes(token) || !before.tokens.includes(token)) continue;
      demand(left.length > 0, `${label}: ${token} was granted though nobody left`);
      demand(!abandoned.has(token), `${label}: ${token} was granted through boots that are over`);
    }
    const hasCome = after.tokens.some((token) => !before.tokens.includes(token));
    const mayCome = command.type === 'acquire' && !changesNothing;
    demand(mayCome || !hasCome, `${label}: that made a queue entry`);
  }

  /**
   * Who is noted as granted holds then: nobody is granted on the way out. Only what an ended boot
   * left behind may make room for somebody whom the command then ends.
   */
  #checkNotes(before: Queue, after: Queue, step: Step, lock: Lock, label: string): void {
    const { command, state } = step;
    const { changes } = state.locks.holderChanges(lock.space, lock.name, this.#etcdIndex + 1);
    const granted = changes.filter(({ action }) => action === 'granted').map(({ index }) => index);
    for (const token of granted) {
      const isEnded = this.#attachments.drops && ends(command, lock, token, true);
      const holds = after.holders.includes(token);
      demand(holds || isEnded, `${label}: ${token} was granted, and does not hold`);
    }
    for (const token of after.holders) {
      const isNoted = before.holders.includes(token) || granted.includes(token);
      demand(isNoted, `${label}: ${token} holds, and no grant was noted`);
    }
  }

  #onGone(token: number, step: Step, label: string): void {
    const running = this.#terms.get(token);
    this.#terms.delete(token);
    const isAbandoned = this.#attachments.abandoned.has(token);
    this.#attachments.forget(token);
    if (step.command.type === 'expireKey' && !isAbandoned)
      this.#onExpired(token, running, step, label);
  }

  /** A holder has its whole TTL, from when the first member applied its grant or renewal. */
  #onExpired(token: number, running: Term | undefined, { now }: Step, label: string): void {
    this.expiries += 1;
    this.#expired.set(token, now);
    demand(running !== undefined, `${label}: ${token} did not hold`);
    const earliest = running.since + running.ttlMs * (1 - 2 * this.#maximumDrift);
    demand(now >= earliest, `${label}: ${(earliest - now).toFixed(1)} ms before its TTL ended`);
    this.#checkLateness(running, label, now);
  }

  demandNoneOverdue(now: number): void {
    for (const [key, running] of this.#terms)
      this.#checkLateness(running, `${key} at the end`, now);
  }

  #checkLateness({ since, ttlMs }: Term, label: string, now: number): void {
    const overAt = since + ttlMs * (1 + 2 * this.#maximumDrift);
    const lateMs = now - overAt;
    demand(
      overAt < this.calmFrom || lateMs <= lateMsMax,
      `${label}: ${lateMs.toFixed(1)} ms after its TTL ended`,
    );
  }

  #checkTokens(before: readonly number[], after: readonly number[], label: string): void {
    const known = new Set(before);
    for (const token of after) {
      if (known.has(token)) continue;
      demand(token > this.#newestToken, `${label}: token ${token} is not newer than all before`);
      this.#newestToken = token;
    }
  }

  /** A write that names queue entries has an effect where all of them hold, and nowhere else. */
  #checkFences(command: KeyCommand, { result, changesNothing }: Step): void {
    if (command.fences.length === 0 || changesNothing) return;
    const holds = command.fences.every(({ space, name, index }) =>
      this.#queues.get(`${space} ${name}`)?.holders.includes(index),
    );
    const errorCode = result.type === 'error' ? result.error.errorCode : undefined;
    // What an earlier boot of a member asked for is void, whoever holds.
    if (errorCode === errorTable.raftInternal.errorCode) return;
    const isRefused = errorCode === errorTable.testFailed.errorCode;
    const label = `${command.type} of ${command.path} for ${JSON.stringify(command.fences)}`;
    demand(isRefused !== holds, `${label} ended as ${JSON.stringify(result)}`);
    if (holds) this.fencedWrites += 1;
    else this.fencedRefusals += 1;
  }
}

function queueOf(entries: readonly QueueEntryView[], limit: number): Queue {
  const tokens = entries.map(({ index }) => index);
  const holders = entries.filter(({ holds }) => holds).map(({ index }) => index);
  return { limit, tokens, holders };
}

function told({ tokens, holders }: Queue): string {
  return tokens.map((token) => (holders.includes(token) ? `${token}*` : `${token}`)).join(',');
}

/** Queue entries may go from anywhere, and come only at the end. */
function checkOrder(before: readonly number[], after: readonly number[], label: string): void {
  const kept = before.filter((token) => after.includes(token));
  demand(
    kept.every((token, position) => after[position] === token),
    `${label}: somebody overtook`,
  );
}

function checkLimit(before: Queue, after: Queue, label: string): void {
  const isKept = before.limit === after.limit;
  const isSame = before.tokens.some((token) => after.tokens.includes(token));
  demand(isKept || !isSame, `${label}: its limit was ${before.limit} and is ${after.limit}`);
}

function gone(before: Queue, after: Queue): readonly number[] {
  return before.tokens.filter((token) => !after.tokens.includes(token));
}

/** Whether the command names the queue entry, and ends one in its state. */
function ends(command: Command, lock: Lock, token: number, held: boolean): boolean {
  switch (command.type) {
    case 'release':
      return isOn(command, lock) && (command.index ?? token) === token;
    case 'cancelAcquire':
      return isOn(command, lock) && command.index === token;
    case 'expireWaiter':
      return isOn(command, lock) && command.index === token && !held;
    case 'expireKey':
      return held && command.path === pathOf(lock, token);
    default:
      return false;
  }
}

function isOn(command: Lock, { space, name }: Lock): boolean {
  return command.space === space && command.name === name;
}

function pathOf({ space, name }: Lock, token: number): string {
  return joinPath(lockDirectory(space, name), inOrderKey(token));
}

/** Whether the command starts the holder's TTL anew. One that was refused does not. */
function isRenewal({ command, result, changesNothing }: Step, holder: QueueEntryView): boolean {
  if (changesNothing || (command.type !== 'acquire' && command.type !== 'renew')) return false;
  return result.type === 'queueEntry' && result.entry.index === holder.index;
}

function split(key: string): [string, string] {
  const at = key.indexOf(' ');
  return [key.slice(0, at), key.slice(at + 1)];
}
