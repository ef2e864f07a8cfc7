import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { NodeView } from '../../src/command/event.js';
import { logIndex, memberId, term } from '../../src/ids.js';
import type { StateMachine } from '../../src/store/state-machine.js';
import { AuthLog, putRole, putUser } from './auth/accounts.js';
import { acquire, cancelAcquire, register, release, remove, renew, set } from './commands.js';
import { Actor, anyStep } from './history.js';
import { assertFirstEndsAt, entryOf, eventOf, Log, memberA, memberB } from './log.js';
import { rest, restored } from './snapshots.js';

const spaces = ['lock', 'leader'] as const;

/** The state of a new cluster, as one of its members has it that starts at that time. */
function startedAt(now: number, from: StateMachine, index: number): StateMachine {
  const source = restored(rest(from.snapshot()), 0);
  source.beginNewCluster(logIndex(index));
  return restored(rest(source.snapshot()), now);
}

/** A log that goes on from the state. */
function logOf(machine: StateMachine, now: number): Log {
  const log = new Log(machine);
  log.now = now;
  log.term = machine.appliedTerm + 1;
  log.clusterTimeMs = machine.time.clusterTimeMs;
  return log;
}

/** What users keep there: all keys but those of the locks. */
function keysOf(machine: StateMachine): readonly NodeView[] {
  const listing = machine.keys.list('/', { recursive: true, sorted: true, hidden: true });
  const views: NodeView[] = [];
  for (let next = listing.next(); !next.done; next = listing.next()) {
    const { step } = next;
    if (step === undefined || step.type === 'close' || /^\/_etcd/.test(step.view.key)) continue;
    views.push(step.view);
  }
  return views;
}

function withoutTimes({ ttl, ...view }: NodeView) {
  return { ...view, ttlMs: ttl?.ttlMs };
}

/** By the names of the locks. */
function queuesOf(machine: StateMachine) {
  return spaces.flatMap((space) =>
    [...machine.locks.namesFrom(space, '')].map((name) => {
      const listing = machine.locks.listQueue(space, name);
      const entries = [];
      for (let next = listing.next(); next !== undefined; next = listing.next()) entries.push(next);
      return { space, name, limit: machine.locks.limit(space, name), entries };
    }),
  );
}

function refusalOfWatch(machine: StateMachine, sinceIndex: number): number | undefined {
  const watch = machine.keys.watch({
    ...{ path: '/', recursive: true, stream: true, sinceIndex },
    onEvent: () => assert.fail('nothing has happened'),
    onCleared: () => assert.fail('nothing is cleared'),
  });
  if (!watch.ok) return watch.error.errorCode;
  watch.value.close();
  return undefined;
}

test('whatever happened before, a new cluster has the keys and those who hold, and new indexes', () => {
  fc.assert(
    fc.property(
      fc.array(anyStep, { maxLength: 80, size: 'max' }),
      fc.integer({ min: 1, max: 50 }),
      (steps, gap) => {
        const log = Log.empty();
        const actor = new Actor(log);
        for (const step of steps) actor.act(step);
        const before = log.machine;
        const index = Math.max(before.appliedIndex, before.etcdIndex) + gap;
        const after = startedAt(500, before, index);
        assert.deepEqual([after.appliedIndex, after.etcdIndex], [index, index]);
        assert.equal(after.appliedTerm, before.appliedTerm);
        assert.deepEqual(after.members.registered(), []);
        assert.deepEqual(keysOf(after).map(withoutTimes), keysOf(before).map(withoutTimes));
        for (const { ttl } of keysOf(after)) assert.equal(ttl?.expiresAt, ttl && 500 + ttl.ttlMs);
        checkQueues(before, after, index);
        assert.equal(refusalOfWatch(after, index), 401);
        assert.equal(refusalOfWatch(after, index + 1), undefined);
        const twin = startedAt(9000, before, index);
        assert.equal(twin.stateHash(), after.stateHash());
        goesOn(after, twin, index);
      },
    ),
    { numRuns: 400 },
  );
});

/**
 * Those who hold are the same as if all members of the old cluster had started anew, and nobody
 * waits.
 */
function checkQueues(before: StateMachine, after: StateMachine, index: number): void {
  const heldBefore = new Set(queuesOf(before).flatMap(holdersIn));
  const expected = queuesOf(withNewBoots(before)).flatMap(holdersIn);
  const left = queuesOf(after);
  assert.deepEqual(
    left.flatMap(holdersIn),
    expected.filter((holder) => heldBefore.has(holder)),
  );
  for (const { space, name, entries } of left) {
    assert.ok(entries.length > 0 && entries.every(({ holds }) => holds));
    assert.equal(after.locks.holderChangedIndex(space, name), index);
  }
}

function holdersIn({ space, name, limit, entries }: ReturnType<typeof queuesOf>[number]) {
  return entries
    .filter(({ holds }) => holds)
    .map((entry) => [space, name, limit, entry.index, entry.value, entry.mode].join());
}

function withNewBoots(before: StateMachine): StateMachine {
  const machine = restored(rest(before.snapshot()), 0);
  const log = logOf(machine, 0);
  for (const member of [memberA, memberB]) log.from(member, { type: 'keepAlive' }, 1000);
  for (let times = 0; times < 100; times += 1) log.apply({ type: 'advanceClock' });
  return machine;
}

/** Two members apply the same log, each on its own clock. */
function goesOn(machine: StateMachine, twin: StateMachine, index: number): void {
  const log = logOf(machine, 600);
  const fresh = memberId('00000000000000ff');
  log.from(fresh, register('a new disk'));
  const written = eventOf(log.apply(set('/new', 'x', { ttlMs: 100 })));
  assert.equal(written.node.modifiedIndex, index + 1);
  const place = entryOf(log.from(fresh, acquire('another', 'x')).result);
  assert.equal(place.index, index + 2);
  for (const entry of log.entries) twin.apply(entry, 10_000);
  assert.equal(twin.stateHash(), machine.stateHash());
  const again = restored(rest(machine.snapshot()), 700);
  assert.equal(again.stateHash(), machine.stateHash());
}

describe('in a new cluster', () => {
  const index = 1000;

  /** A key and a lock whose TTLs are nearly over, and nobody who renews them. */
  function nearlyOver(): Log {
    const log = Log.empty();
    log.apply(set('/a', 'x', { ttlMs: 1000 }));
    log.from(memberA, acquire('job', 'ann', { ttlMs: 1000 }));
    log.now = 900;
    log.clusterTimeMs = 900;
    log.apply({ type: 'advanceClock' });
    return log;
  }

  test('a TTL begins in full with the first entry, however long there was no leader', () => {
    const machine = startedAt(5000, nearlyOver().machine, index);
    const log = logOf(machine, 60_000);
    machine.time.adjustDeadlines(log.now);
    assert.deepEqual(machine.time.expired(log.now, term(log.term), 10), []);
    log.now = 60_500;
    log.apply({ type: 'advanceClock' });
    assertFirstEndsAt(machine, 61_500);
  });

  test('a TTL that has begun goes on when the leader changes, and when a member starts again', () => {
    const machine = startedAt(5000, nearlyOver().machine, index);
    const log = logOf(machine, 60_000);
    log.apply({ type: 'advanceClock' });
    log.now = 60_400;
    log.clusterTimeMs += 400;
    log.apply({ type: 'advanceClock' });
    machine.time.adjustDeadlines(log.now);
    assertFirstEndsAt(machine, 61_000);
    const again = restored(rest(machine.snapshot()), 0);
    assertFirstEndsAt(again, 601);
  });

  test('who holds can renew and release under the old index, and who waited has no place', () => {
    const log = Log.empty();
    const { index: held } = entryOf(log.from(memberA, acquire('job', 'ann')).result);
    const { index: waits } = entryOf(log.from(memberB, acquire('job', 'bob')).result);
    const after = logOf(startedAt(0, log.machine, index), 0);
    assert.equal(after.apply(renew('job', { index: waits })).type, 'error');
    assert.deepEqual(entryOf(after.apply(renew('job', { index: held }))), {
      index: held,
      holds: true,
    });
    const joined = entryOf(after.from(memberA, acquire('job', 'ann')).result);
    assert.deepEqual(joined, { index: held, holds: true });
    const { index: next } = entryOf(after.from(memberB, acquire('job', 'bob')).result);
    assert.ok(next > index);
    assert.equal(after.apply(release('job', { index: held })).type, 'done');
    assert.equal(after.machine.locks.holder('lock', 'job')?.index, next);
  });

  test('a place that was kept for its client to come back is gone as well', () => {
    const log = Log.empty();
    log.from(memberA, acquire('job', 'ann'));
    const asked = log.from(memberA, acquire('job', 'bob'));
    const { index: kept } = entryOf(asked.result);
    log.from(memberA, cancelAcquire('job', kept, asked.sequence, false, true));
    assert.equal(log.machine.locks.queueSize('lock', 'job').waiting, 1);
    const after = startedAt(0, log.machine, index);
    assert.equal(after.locks.queueSize('lock', 'job').waiting, 0);
  });

  test('a lock that was held through a connection is free, and its directory gone', () => {
    const log = Log.empty();
    log.from(memberA, acquire('job', 'ann', { holdsConnection: true }));
    const after = startedAt(0, log.machine, index);
    assert.equal(after.locks.holder('lock', 'job'), undefined);
    assert.equal(
      after.keys.get('/_etcd/mod/lock/job', { recursive: false, sorted: false, hidden: true }).ok,
      false,
    );
    assert.equal(after.locks.holderChangedIndex('lock', 'job'), index);
  });

  test('a subtree that was removed, and not swept yet, leaves nothing behind', () => {
    const log = Log.empty();
    for (let at = 0; at < 300; at += 1) log.apply(set(`/d/${at}`, 'x', { ttlMs: 1000 }));
    log.apply(remove('/d', { recursive: true }));
    const after = startedAt(0, log.machine, index);
    assert.equal(after.time.hasDeadlines, false);
    assert.deepEqual(keysOf(after), keysOf(log.machine));
  });

  test('a member of the old cluster is known no more, so one with its name may come', () => {
    const log = Log.empty();
    log.from(memberA, register('an old disk'), 57);
    const after = logOf(startedAt(0, log.machine, index), 0);
    assert.equal(after.from(memberA, register('a new disk'), 1).result.type, 'done');
    assert.equal(after.machine.members.registered()[0]?.incarnation, 'a new disk');
  });

  test('users and roles are as they were, and asked for', () => {
    const log = AuthLog.enabled();
    log.askAs('root', putRole('dev', {}));
    log.askAs('root', putUser('alice', ['dev']));
    const { auth } = startedAt(0, log.machine, index);
    assert.equal(auth.enabled, true);
    assert.deepEqual(auth.users(), log.machine.auth.users());
    assert.deepEqual(auth.roles(), log.machine.auth.roles());
  });

  test('an index is never given out a second time', () => {
    const log = nearlyOver();
    const source = restored(rest(log.machine.snapshot()), 0);
    assert.throws(
      () => source.beginNewCluster(logIndex(log.machine.appliedIndex)),
      /given out twice/,
    );
  });
});
