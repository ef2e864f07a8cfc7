import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Command } from '../../../src/command/command.js';
import type { CommandResult } from '../../../src/command/command-result.js';
import type { Origin } from '../../../src/command/envelope.js';
import { type MemberId, memberId } from '../../../src/ids.js';
import { StateMachine } from '../../../src/store/state-machine.js';
import { acquire, cancelAcquire, register, release, renew } from '../commands.js';
import { Actor, anyStep, type Step } from '../history.js';
import { entryOf, errorOf, Log, memberA, memberB } from '../log.js';
import { rest, restored } from '../snapshots.js';

const throughConnection = { holdsConnection: true };

/** One queue entry with each entry, so that an ended boot takes many entries to be gone. */
function slowLog(): Log {
  return new Log(new StateMachine({ leftBehindMax: 1 }));
}

function valuesOf(log: Log): readonly string[] {
  return log.machine.locks
    .queue('lock', 'job')
    .map(({ value, holds }) => (holds ? `(${value})` : value));
}

/**
 * Queue entries 1 to 7: `held`, then three of a boot that is over, each in front of one that is
 * not.
 */
function halfAbandoned(held = acquire('job', 'held')): Log {
  const log = slowLog();
  log.from(memberB, held);
  for (const nth of [1, 2, 3]) {
    log.from(memberA, acquire('job', `a${nth}`));
    log.from(memberB, acquire('job', `b${nth}`));
  }
  log.from(memberA, register('disk'), 2);
  assert.deepEqual(valuesOf(log), ['(held)', 'a1', 'b1', 'a2', 'b2', 'b3']);
  return log;
}

test('what waited through an ended boot goes entry by entry, newest first', () => {
  const log = halfAbandoned();
  log.apply({ type: 'advanceClock' });
  assert.deepEqual(valuesOf(log), ['(held)', 'a1', 'b1', 'b2', 'b3']);
  log.apply({ type: 'advanceClock' });
  assert.deepEqual(valuesOf(log), ['(held)', 'b1', 'b2', 'b3']);
});

test('a leader proposes entries for as long as something is left of an ended boot', () => {
  const log = halfAbandoned();
  log.settle();
  assert.deepEqual(valuesOf(log), ['(held)', 'b1', 'b2', 'b3']);
  assert.deepEqual(log.machine.time.expired(log.now, log.machine.appliedTerm, 10), []);
});

test('while the front of a queue waits through an ended boot nobody is granted, then who stands behind it', () => {
  const log = slowLog();
  log.from(memberB, acquire('job', 'held'));
  for (const nth of [1, 2, 3, 4]) log.from(memberA, acquire('job', `a${nth}`));
  log.from(memberB, acquire('job', 'b'));
  log.from(memberA, register('disk'), 2);
  log.from(memberB, release('job', { value: 'held' }));
  assert.deepEqual(valuesOf(log), ['a1', 'a2', 'b']);
  log.settle();
  assert.deepEqual(valuesOf(log), ['(b)']);
});

test('a request with the value of an abandoned queue entry stands at the end, not in that queue entry', () => {
  const log = halfAbandoned();
  const { index } = entryOf(log.from(memberA, acquire('job', 'a1'), 2).result);
  assert.ok(index > 7);
  assert.deepEqual(valuesOf(log), ['(held)', 'b1', 'b2', 'b3', 'a1']);
});

test('an abandoned queue entry can neither be renewed nor left nor released', () => {
  for (const command of [renew('job', { value: 'a1' }), release('job', { index: 2 })]) {
    const error = errorOf(halfAbandoned().apply(command));
    assert.equal(error.errorCode, 100);
  }
  const log = halfAbandoned();
  assert.equal(log.from(memberA, cancelAcquire('job', 2, 1), 2).result.type, 'done');
  assert.deepEqual(valuesOf(log), ['(held)', 'b1', 'b2', 'b3']);
});

test('a holder through a connection of an ended boot makes room for those who are there', () => {
  const log = slowLog();
  log.from(memberA, acquire('job', 'held', throughConnection));
  for (const member of [memberA, memberB]) log.from(member, acquire('job', `of ${member}`));
  log.from(memberA, register('disk'), 2);
  assert.equal(log.machine.locks.holder('lock', 'job')?.value, 'held');
  log.apply({ type: 'advanceClock' });
  assert.deepEqual(valuesOf(log), [`(of ${memberB})`]);
});

test('who was told through an ended boot that the queue entry holds keeps it, also before it was looked at', () => {
  const log = slowLog();
  log.from(memberA, acquire('job', 'w'));
  const connection = log.from(memberB, acquire('other', 'w', throughConnection));
  log.from(memberA, acquire('other', 'x'));
  log.from(memberA, register('disk'), 2);
  assert.deepEqual(valuesOf(log), ['(w)']);
  log.from(memberB, cancelAcquire('other', 2, connection.sequence));
  log.settle();
  assert.deepEqual(valuesOf(log), ['(w)']);
});

test('a request of an ended boot does not keep a queue entry that holds through another one only', () => {
  const log = slowLog();
  log.from(memberB, acquire('job', 'held'));
  log.from(memberA, acquire('job', 'w'));
  const connection = log.from(memberB, acquire('job', 'w', throughConnection));
  for (const nth of [1, 2, 3]) log.from(memberA, acquire('newer', `${nth}`));
  log.from(memberA, register('disk'), 2);
  log.from(memberB, release('job', { value: 'held' }));
  assert.deepEqual(valuesOf(log), ['(w)']);
  log.settle();
  log.from(memberB, cancelAcquire('job', 2, connection.sequence));
  assert.deepEqual(valuesOf(log), []);
});

test('what is left of ended boots is in a snapshot, and goes on in the same order', () => {
  const log = slowLog();
  for (const nth of [1, 2, 3, 4, 5, 6]) {
    log.from(nth % 2 === 0 ? memberA : memberB, acquire('job', `${nth}`));
    log.from(memberId('000000000000000c'), acquire('job', `${nth % 4}`));
  }
  for (const member of [memberB, memberA]) log.from(member, register(`disk of ${member}`), 2);
  log.from(memberA, acquire('job', 'later'), 2);
  log.from(memberA, register(`disk of ${memberA}`), 3);
  const machine = new StateMachine({ leftBehindMax: 1 });
  const twin = new Log(restored(rest(log.machine.snapshot()), 0, machine));
  for (;;) {
    assert.equal(twin.machine.stateHash(), log.machine.stateHash());
    const due = log.machine.time.expired(0, log.machine.appliedTerm, 1);
    assert.deepEqual(twin.machine.time.expired(0, log.machine.appliedTerm, 1), due);
    const [command] = due;
    if (command === undefined) break;
    for (const each of [log, twin]) each.apply(command);
  }
});

/** Which boots have asked for a queue entry, as far as anybody can tell from outside. */
class Askers {
  readonly #boots = new Map<MemberId, number>();
  readonly #entries = new Map<number, { readonly member: MemberId; readonly boot: number }[]>();
  /** Somebody asked to find them again, or through no member, whose boots could end. */
  readonly #kept = new Set<number>();

  note(origin: Origin | undefined, result: CommandResult, command: Command): void {
    if (origin !== undefined) {
      const { memberId, boot } = origin;
      this.#boots.set(memberId, Math.max(boot, this.#boots.get(memberId) ?? 0));
    }
    if (command.type === 'cancelAcquire' && command.keepForTtl === true) {
      this.#kept.add(command.index);
    }
    if (result.type !== 'queueEntry') return;
    const { index } = result.entry;
    if (command.type === 'acquire' && command.keepsPlace === true) this.#kept.add(index);
    if (origin === undefined) {
      if (command.type === 'acquire') this.#kept.add(index);
      return;
    }
    const { memberId, boot } = origin;
    const askers = this.#entries.get(index) ?? [];
    this.#entries.set(index, [...askers, { member: memberId, boot }]);
  }

  /**
   * Whether somebody asked through a boot that goes on, or may come back; also where nobody asked
   * through a member.
   */
  areThere(index: number): boolean {
    if (this.#kept.has(index)) return true;
    const askers = this.#entries.get(index);
    return askers?.some(({ member, boot }) => this.#boots.get(member) === boot) ?? true;
  }
}

const locks = (['lock', 'leader'] as const).flatMap((space) =>
  ['job', 'job/sub', 'other'].map((name) => ({ space, name })),
);

/** How many grants there were since. */
function checkGrants({ machine }: Log, askers: Askers, since: number): number {
  const granted = locks
    .flatMap(({ space, name }) => machine.locks.holderChanges(space, name, since).changes)
    .filter(({ action }) => action === 'granted');
  for (const { index } of granted)
    assert.ok(askers.areThere(index), `queue entry ${index} is granted`);
  return granted.length;
}

function checkQueues({ machine }: Log, askers: Askers): void {
  for (const { space, name } of locks) {
    const queue = machine.locks.queue(space, name);
    assert.ok(queue[0]?.holds !== false, 'where somebody waits, somebody holds');
    for (const { index, holds } of queue) {
      assert.ok(holds || askers.areThere(index), `queue entry ${index} waits`);
    }
  }
}

const bootOften: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: anyStep },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('boot' as const),
      member: fc.constantFrom(memberA, memberB),
    }),
  },
);

test('nobody is granted a lock through boots that are all over, and nobody waits through them for long', () => {
  const steps = fc.array(bootOften, { maxLength: 120, size: 'max' });
  let grants = 0;
  fc.assert(
    fc.property(steps, fc.constantFrom(0, 1, 256), (all, leftBehindMax) => {
      const log = new Log(new StateMachine({ leftBehindMax }));
      const askers = new Askers();
      const actor = new Actor(log, (origin, result, command) =>
        askers.note(origin, result, command),
      );
      for (const step of all) {
        const since = log.machine.etcdIndex + 1;
        actor.act(step);
        grants += checkGrants(log, askers, since);
      }
      if (leftBehindMax === 0) return;
      const since = log.machine.etcdIndex + 1;
      log.settle();
      grants += checkGrants(log, askers, since);
      checkQueues(log, askers);
    }),
    { numRuns: 600 },
  );
  // Usual are 1650: fewer steps would hardly ask for what is claimed.
  assert.ok(grants > 1000, `${grants} grants`);
});
