import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Command } from '../../../src/command/command.js';
import type { Fence } from '../../../src/command/fence.js';
import type { HoldMode } from '../../../src/command/hold-rules.js';
import type { LockSpace } from '../../../src/command/lock-path.js';
import type {
  AcquireCommand,
  CancelAcquireCommand,
  ReleaseCommand,
  RenewCommand,
} from '../../../src/command/locks.js';
import type { MemberId } from '../../../src/ids.js';
import { remove, set } from '../commands.js';
import { anyLockCommand } from '../history.js';
import { Log, memberA, memberB } from '../log.js';

interface ModelEntry {
  readonly index: number;
  readonly value: string;
  readonly mode: HoldMode;
  /** Whose cancel removes the queue entry, and whether a connection holds it. */
  readonly kept: Map<string, boolean>;
  /** Somebody who waits asked to find it again. */
  isPromised: boolean;
  /** Somebody who did not ask for that has joined since. */
  mayBeGivenUp: boolean;
}

interface ModelLock {
  limit: number;
  entries: ModelEntry[];
  /** As they are told, newest last. */
  readonly changes: string[];
  changedAt: number;
}

const names = ['job', 'job/sub', 'other'];
const spaces: readonly LockSpace[] = ['lock', 'leader'];
const locks = spaces.flatMap((space) => names.map((name) => [space, name] as const));

/** The queues as anybody would write them down: lists, searched from the front. */
class NaiveQueues {
  readonly #locks = new Map<string, ModelLock>();

  lock(space: LockSpace, name: string): ModelLock {
    const key = `${space} ${name}`;
    const lock = this.#locks.get(key) ?? { limit: 1, entries: [], changes: [], changedAt: 0 };
    this.#locks.set(key, lock);
    return lock;
  }

  /** The error code that the command ends with, if any. */
  apply(command: Command, asker: string, nextIndex: number): number | undefined {
    switch (command.type) {
      case 'acquire': {
        const lock = this.lock(command.space, command.name);
        return this.#changing(lock, nextIndex, () => acquireIn(lock, command, asker, nextIndex));
      }
      case 'renew':
      case 'release': {
        const lock = this.lock(command.space, command.name);
        const entry = named(lock, command);
        if (typeof entry === 'number') return entry;
        if (command.type === 'renew') return undefined;
        const how = command.forced === true ? 'forced' : 'released';
        return this.#changing(lock, nextIndex, () => removeFrom(lock, entry), how);
      }
      case 'cancelAcquire':
        return this.#cancelAcquire(command, asker, nextIndex);
      default:
        return undefined;
    }
  }

  #cancelAcquire(command: CancelAcquireCommand, asker: string, nextIndex: number): undefined {
    const { space, name, index, acquireSequence, keepIfHolder, keepForTtl, givesUp } = command;
    const lock = this.lock(space, name);
    const entry = lock.entries.find((candidate) => candidate.index === index);
    if (entry === undefined || (keepIfHolder && holders(lock).includes(entry))) return;
    const left = entry.kept.delete(`${asker.split(' ')[0]} ${acquireSequence}`);
    if (!left) return;
    const isGivenUp = givesUp || (keepIfHolder && entry.mayBeGivenUp);
    if (keepForTtl) notePromise(lock, entry, true);
    if (entry.kept.size > 0 || keepForTtl || (entry.isPromised && !isGivenUp)) return;
    this.#changing(lock, nextIndex, () => removeFrom(lock, entry));
  }

  /** Notes down who held before and does not now, and then the other way round. */
  #changing(
    lock: ModelLock,
    at: number,
    change: () => number | undefined,
    how: 'forced' | 'released' = 'released',
  ): number | undefined {
    const before = holders(lock);
    const error = change();
    const after = holders(lock);
    const ended = before.filter((entry) => !after.includes(entry));
    const begun = after.filter((entry) => !before.includes(entry));
    for (const entry of ended) lock.changes.push(`${at} ${how} ${entry.index}`);
    for (const entry of begun) lock.changes.push(`${at} granted ${entry.index}`);
    if (ended.length + begun.length > 0) lock.changedAt = at;
    if (lock.entries.length === 0) lock.limit = 1;
    return error;
  }

  holds({ space, name, index }: Fence): boolean {
    return holders(this.lock(space, name)).some((entry) => entry.index === index);
  }
}

/** From scratch: nothing of who held before is needed to tell. */
function holders({ entries, limit }: ModelLock): readonly ModelEntry[] {
  if (entries[0]?.mode !== 'shared') return entries.slice(0, limit);
  const writer = entries.findIndex(({ mode }) => mode === 'exclusive');
  return entries.slice(0, writer < 0 ? entries.length : writer);
}

function acquireIn(
  lock: ModelLock,
  command: AcquireCommand,
  asker: string,
  index: number,
): number | undefined {
  const { value, mode, limit, tryOnly, holdsConnection, keepsPlace } = command;
  const joined = joinedBy(lock, command);
  const error = differenceOf(lock, joined, command);
  if (error !== undefined) return error;
  if (joined !== undefined) {
    const holds = holders(lock).includes(joined);
    if (!holds && tryOnly) return 111;
    // The newest of those who are told that the queue entry holds decides for all how long it
    // stays.
    if (holds) keepOnly(joined, holdsConnection);
    if (!holds || holdsConnection) joined.kept.set(asker, holdsConnection);
    notePromise(lock, joined, keepsPlace);
    return undefined;
  }
  const entry = {
    index,
    value,
    mode,
    kept: new Map([[asker, holdsConnection]]),
    isPromised: false,
    mayBeGivenUp: false,
  };
  lock.limit = limit;
  lock.entries.push(entry);
  notePromise(lock, entry, keepsPlace);
  if (!tryOnly || holders(lock).includes(entry)) return undefined;
  lock.entries.pop();
  return 111;
}

function joinedBy(
  { entries }: ModelLock,
  { value, index }: AcquireCommand,
): ModelEntry | undefined {
  if (value === '' && index === undefined) return undefined;
  return entries.find((entry) => fits(entry, index, value === '' ? undefined : value));
}

function differenceOf(
  { entries, limit }: ModelLock,
  joined: ModelEntry | undefined,
  asked: AcquireCommand,
): number | undefined {
  if (joined === undefined && asked.index !== undefined) return 100;
  if (entries.length > 0 && limit !== asked.limit) return 112;
  return joined !== undefined && joined.mode !== asked.mode ? 113 : undefined;
}

/** The connections that hold the queue entry, or nobody. */
function keepOnly({ kept }: ModelEntry, connections: boolean): void {
  for (const [asker, holdsConnection] of kept) {
    if (!connections || !holdsConnection) kept.delete(asker);
  }
}

function notePromise(lock: ModelLock, entry: ModelEntry, keepsPlace: boolean | undefined): void {
  if (holders(lock).includes(entry)) return;
  entry.mayBeGivenUp = entry.isPromised && !keepsPlace;
  if (keepsPlace) entry.isPromised = true;
}

/** The queue entry that is meant, or the error code. An empty value names nobody. */
function named(
  { entries }: ModelLock,
  { index, value }: ReleaseCommand | RenewCommand,
): ModelEntry | number {
  if (index === undefined && value === undefined) return 207;
  if (index === undefined && value === '') return 100;
  const entry = entries.find((candidate) => fits(candidate, index, value));
  return entry ?? 100;
}

function removeFrom(lock: ModelLock, entry: ModelEntry): undefined {
  lock.entries = lock.entries.filter((other) => other !== entry);
}

function fits(entry: ModelEntry, index: number | undefined, value: string | undefined): boolean {
  return (
    (index === undefined || entry.index === index) && (value === undefined || entry.value === value)
  );
}

function told(lock: ModelLock): object {
  const held = holders(lock);
  return {
    limit: lock.limit,
    entries: lock.entries.map((entry) => {
      const { index, value, mode } = entry;
      return { index, value, mode, holds: held.includes(entry) };
    }),
    changes: lock.changes,
    changedAt: lock.changedAt,
  };
}

function toldBy(log: Log, space: LockSpace, name: string): object {
  const { machine } = log;
  return {
    limit: machine.locks.limit(space, name),
    entries: machine.locks
      .queue(space, name)
      .map(({ index, value, mode, holds }) => ({ index, value, mode, holds })),
    changes: machine.locks
      .holderChanges(space, name, 0)
      .changes.map(({ at, action, index }) => `${at} ${action} ${index}`),
    changedAt: machine.locks.holderChangedIndex(space, name),
  };
}

const said = fc.record({ command: anyLockCommand, member: fc.constantFrom(memberA, memberB) });

test('queues are what a naive model of them is, after every command', () => {
  fc.assert(
    fc.property(fc.array(said, { maxLength: 60, size: 'max' }), (commands) => {
      const log = Log.empty();
      const model = new NaiveQueues();
      const sequences = new Map<MemberId, number>();
      for (const { command, member } of commands) {
        const sequence = (sequences.get(member) ?? 0) + 1;
        sequences.set(member, sequence);
        const error = model.apply(command, `${member} ${sequence}`, log.machine.etcdIndex + 1);
        const { result } = log.from(member, command);
        const code = result.type === 'error' ? result.error.errorCode : undefined;
        assert.equal(code, error, JSON.stringify(command));
        for (const [space, name] of locks) {
          assert.deepEqual(toldBy(log, space, name), told(model.lock(space, name)));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('a fenced write takes effect if, and only if, the naive model says that the queue entries hold', () => {
  const fence = fc.record({
    space: fc.constantFrom(...spaces),
    name: fc.constantFrom(...names),
    position: fc.nat(3),
    /** Of the lock that the command before was about, which has queue entries for sure. */
    ofCommand: fc.constantFrom(true, true, true, false),
  });
  const write = fc.array(fence, { minLength: 1, maxLength: 2 });
  let written = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(said, write), { maxLength: 40, size: 'max' }), (steps) => {
      const log = Log.empty();
      const model = new NaiveQueues();
      for (const [step, [{ command, member }, asked]] of steps.entries()) {
        const sequence = step + 1;
        model.apply(command, `${member} ${sequence}`, log.machine.etcdIndex + 1);
        const origin = { memberId: member, boot: 1, sequence, settledBelow: 1 };
        log.apply(command, origin);
        const fences = asked.map(({ position, ofCommand, ...some }) => {
          const { space, name } = ofCommand && 'space' in command ? command : some;
          const { index } = model.lock(space, name).entries[position] ?? { index: step };
          return { space, name, index };
        });
        const isRight = fences.every((each) => model.holds(each));
        const result = log.apply(set('/x', '', { fences }));
        assert.equal(result.type, isRight ? 'event' : 'error');
        if (isRight) written += 1;
        else refused += 1;
        if (result.type === 'error') assert.equal(result.error.errorCode, 101);
        const gone = log.apply(remove('/none', { fences }));
        assert.equal(gone.type === 'error' && gone.error.errorCode, isRight ? 100 : 101);
      }
    }),
    { numRuns: 200 },
  );
  assert.ok(written > 20 && refused > 20, `${written} were written, ${refused} refused`);
});
