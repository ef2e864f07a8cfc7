import assert from 'node:assert/strict';
import test from 'node:test';
import type { TimeCommand } from '../../../src/command/time.js';
import { term } from '../../../src/ids.js';
import {
  acquire,
  compareAndSwap,
  makeDir,
  release,
  remove,
  renew,
  set,
  update,
} from '../commands.js';
import { assertFirstEndsAt, Log, memberA, memberB } from '../log.js';

const keepAlive = { type: 'keepAlive' } as const;

function due(log: Log, max = 100): readonly TimeCommand[] {
  return log.machine.time.expired(log.now, term(log.term), max);
}

function applyDue(log: Log): void {
  for (const command of due(log)) log.apply(command);
}

function exists(log: Log, path: string): boolean {
  return log.machine.keys.get(path, { recursive: false, sorted: false, hidden: false }).ok;
}

/** The key with a TTL of a second, and the command that would expire it. */
function expiring(): { log: Log; expire: TimeCommand } {
  const log = Log.empty();
  log.apply(set('/a', 'x', { ttlMs: 1000 }));
  log.now = 1000;
  const [expire] = due(log);
  assert.ok(expire);
  return { log, expire };
}

test('a TTL is over when it has passed, and not before', () => {
  const log = Log.empty();
  log.now = 500;
  log.apply(set('/a', 'x', { ttlMs: 1000 }));
  log.now = 1499;
  assert.deepEqual(due(log), []);
  log.now = 1500;
  assert.deepEqual(due(log), [{ type: 'expireKey', path: '/a', leaseRevision: 1, term: 1 }]);
});

test('an expiry is an event with an index of its own', () => {
  const { log, expire } = expiring();
  const seen: unknown[] = [];
  log.machine.keys.watch({
    path: '/a',
    recursive: false,
    stream: false,
    sinceIndex: 0,
    onEvent: (event) => seen.push(event),
    onCleared: () => undefined,
  });
  log.apply(expire);
  assert.deepEqual(seen, [
    {
      action: 'expire',
      node: { key: '/a', modifiedIndex: 2, createdIndex: 1 },
      prevNode: {
        key: '/a',
        value: 'x',
        ttl: { ttlMs: 1000, expiresAt: 1000, leftMs: 0 },
        modifiedIndex: 1,
        createdIndex: 1,
      },
    },
  ]);
  assert.equal(log.machine.keys.statistics().expireCount, 1);
  assert.equal(log.machine.time.hasDeadlines, false);
});

test('an expiry that was proposed is not proposed again at once', () => {
  const { log, expire } = expiring();
  assert.deepEqual(due(log), []);
  log.now = 2000;
  assert.deepEqual(due(log), [expire]);
});

test('expiries come in batches, the longest due first', () => {
  const log = Log.empty();
  for (const [path, ttlMs] of [
    ['/c', 30],
    ['/a', 10],
    ['/b', 20],
    ['/d', 40],
  ] as const) {
    log.apply(set(path, 'x', { ttlMs }));
  }
  log.now = 30;
  const paths = (commands: readonly TimeCommand[]) =>
    commands.map((command) => (command.type === 'expireKey' ? command.path : ''));
  assert.deepEqual(paths(due(log, 2)), ['/a', '/b']);
  assert.deepEqual(paths(due(log, 2)), ['/c']);
});

test('a renewal that was ordered first wins over an expiry', () => {
  const { log, expire } = expiring();
  log.apply(update('/a', 'y', { ttlMs: 1000 }));
  const { etcdIndex } = log.machine;
  assert.equal(log.apply(expire).type, 'done');
  assert.equal(log.machine.etcdIndex, etcdIndex);
  assert.ok(exists(log, '/a'));
});

test('a key that was made permanent, or made anew, does not expire for its old TTL', () => {
  for (const command of [set('/a', 'y'), set('/a', 'y', { ttlMs: 9 }), update('/a', 'y')]) {
    const { log, expire } = expiring();
    log.apply(command);
    log.apply(expire);
    assert.ok(exists(log, '/a'), command.type);
  }
});

test('an expiry does nothing in another term than its own', () => {
  const { log, expire } = expiring();
  log.term = 2;
  log.apply(expire);
  assert.ok(exists(log, '/a'));
  log.now = 5000;
  applyDue(log);
  assert.ok(!exists(log, '/a'));
});

test('a directory expires with all that is in it', () => {
  const log = Log.empty();
  log.apply(makeDir('/d', 1000));
  log.apply(set('/d/a', 'x', { ttlMs: 5000 }));
  log.now = 1000;
  applyDue(log);
  assert.ok(!exists(log, '/d'));
  log.now = 5000;
  assert.deepEqual(due(log), []);
});

test('what was in a deleted directory stops counting', () => {
  const log = Log.empty();
  for (let i = 0; i < 1000; i += 1) log.apply(set(`/d/${i % 7}/${i}`, 'x', { ttlMs: 1000 }));
  log.apply(remove('/d', { recursive: true }));
  for (let i = 0; i < 20; i += 1) log.apply(set('/other', 'x'));
  assert.equal(log.machine.time.hasDeadlines, false);
});

test('what is in a deleted directory never expires, even while it counts still', () => {
  const log = Log.empty();
  for (let i = 0; i < 1000; i += 1) log.apply(set(`/d/${i % 7}/${i}`, 'x', { ttlMs: 1000 }));
  log.apply(remove('/d', { recursive: true }));
  assert.equal(log.machine.time.hasDeadlines, true);
  log.now = 1000;
  assert.deepEqual(due(log), []);
});

test('a key in a new directory of the same name is not taken for the deleted one', () => {
  const log = Log.empty();
  log.apply(set('/d/a', 'x', { ttlMs: 1000 }));
  log.apply(remove('/d', { recursive: true }));
  log.now = 1000;
  assert.deepEqual(due(log), []);
  log.apply(set('/d/a', 'y'));
  log.now = 9000;
  assert.deepEqual(due(log), []);
});

test('a new leader takes off what it knows to have passed before it applied', () => {
  const log = Log.empty();
  log.now = 5000;
  log.clusterTimeMs = 100;
  log.apply(set('/a', 'x', { ttlMs: 1000 }));
  log.clusterTimeMs = 110;
  log.apply(set('/b', 'x'));
  log.clusterTimeMs = 710;
  log.apply({ type: 'advanceClock' });
  log.machine.time.adjustDeadlines(5000);
  // One millisecond less than the clock shows: it shows whole ones only.
  assertFirstEndsAt(log.machine, 5000 + 1000 - 599);
});

test('a new leader never shortens what its own clock says, and never lengthens it', () => {
  const log = Log.empty();
  log.apply(set('/a', 'x', { ttlMs: 1000 }));
  log.clusterTimeMs = 1;
  log.apply({ type: 'advanceClock' });
  log.now = 300;
  log.machine.time.adjustDeadlines(log.now);
  assertFirstEndsAt(log.machine, 1000);
  const unknown = Log.empty();
  unknown.apply(set('/a', 'x', { ttlMs: 1000 }));
  unknown.machine.time.adjustDeadlines(300);
  assertFirstEndsAt(unknown.machine, 1000);
});

test('elections do not start a TTL again', () => {
  const log = Log.empty();
  log.apply(set('/a', 'x', { ttlMs: 1000 }));
  for (let i = 0; i < 10; i += 1) {
    log.clusterTimeMs += 90;
    log.apply({ type: 'advanceClock' });
    // As if this member had been started anew: its own clock knows nothing.
    log.machine.time.adjustDeadlines(0);
  }
  assert.equal(log.machine.time.expired(1000 - 809, log.machine.appliedTerm, 1).length, 1);
});

test('a renewal starts the TTL again, and its start is recorded again', () => {
  const log = Log.empty();
  log.apply(set('/a', 'x', { ttlMs: 1000 }));
  log.clusterTimeMs = 500;
  log.now = 500;
  log.apply(update('/a', 'x', { ttlMs: 1000 }));
  log.clusterTimeMs = 600;
  log.apply({ type: 'advanceClock' });
  log.clusterTimeMs = 700;
  log.apply({ type: 'advanceClock' });
  log.machine.time.adjustDeadlines(600);
  assertFirstEndsAt(log.machine, 1500);
});

test('what is known of a TTL’s start is not held against its renewal', () => {
  const log = Log.empty();
  log.apply(set('/a', 'x', { ttlMs: 1000 }));
  log.apply({ type: 'advanceClock' });
  log.now = 900;
  log.clusterTimeMs = 900;
  log.apply(update('/a', 'x', { ttlMs: 1000 }));
  log.machine.time.adjustDeadlines(log.now);
  assertFirstEndsAt(log.machine, 1900);
});

test('a TTL did not start while its leader had not applied it', () => {
  const log = Log.empty();
  log.now = 9000;
  log.lag = 1;
  log.clusterTimeMs = 100;
  log.apply(set('/a', 'x', { ttlMs: 1000 }));
  log.clusterTimeMs = 150;
  log.apply({ type: 'advanceClock' });
  log.clusterTimeMs = 400;
  log.apply({ type: 'advanceClock' });
  log.clusterTimeMs = 501;
  log.apply({ type: 'advanceClock' });
  log.machine.time.adjustDeadlines(log.now);
  assertFirstEndsAt(log.machine, 9000 + 1000 - 100);
});

test('the cluster’s clock never goes back, whatever a leader stamps', () => {
  const log = Log.empty();
  log.clusterTimeMs = 500;
  log.apply({ type: 'advanceClock' });
  log.clusterTimeMs = 300;
  log.apply({ type: 'advanceClock' });
  assert.equal(log.machine.time.clusterTimeMs, 500);
});

test('the holder expires, and the next one holds with the full TTL of its own', () => {
  const log = Log.empty();
  log.from(memberA, acquire('job', 'a', { ttlMs: 1000 }));
  log.from(memberA, acquire('job', 'b', { ttlMs: 700 }));
  log.now = 1000;
  log.from(memberA, keepAlive);
  const [expire] = due(log);
  assert.ok(expire);
  log.apply(expire);
  const holder = log.machine.locks.holder('lock', 'job');
  assert.deepEqual([holder?.value, holder?.expiresAt], ['b', 1700]);
});

test('the expiry of a holder that renewed, in time or in a later term, does nothing', () => {
  const log = Log.empty();
  log.from(memberA, acquire('job', 'a'));
  log.from(memberA, acquire('job', 'b'));
  log.now = 1000;
  log.from(memberA, keepAlive);
  const [expire] = due(log);
  assert.ok(expire);
  log.apply(renew('job', { value: 'a' }));
  log.apply(expire);
  assert.equal(log.machine.locks.holder('lock', 'job')?.value, 'a');
  log.now = 2000;
  log.from(memberA, keepAlive);
  const [later] = due(log);
  log.term = 2;
  assert.ok(later);
  log.apply(later);
  assert.equal(log.machine.locks.holder('lock', 'job')?.value, 'a');
});

test('an expiry meant for one holder does not take the next one', () => {
  const log = Log.empty();
  log.from(memberA, acquire('job', 'a'));
  log.from(memberA, acquire('job', 'b'));
  log.now = 1000;
  const [expire] = due(log);
  assert.ok(expire);
  log.apply(release('job', { value: 'a' }));
  log.apply(expire);
  assert.equal(log.machine.locks.holder('lock', 'job')?.value, 'b');
});

test('a queue entry waits, however long, while its member sends keep-alives', () => {
  const log = Log.empty();
  log.from(memberA, acquire('job', 'a', { ttlMs: 1_000_000 }));
  log.from(memberA, acquire('job', 'b', { ttlMs: 1000 }));
  for (let i = 0; i < 100; i += 1) {
    log.now += 900;
    log.from(memberA, keepAlive);
    assert.deepEqual(due(log), []);
  }
  assert.equal(log.machine.locks.queue('lock', 'job').length, 2);
});

test('a queue entry goes when its member was silent for the TTL', () => {
  const log = Log.empty();
  log.apply(acquire('job', 'a', { ttlMs: 1_000_000 }));
  log.from(memberA, acquire('job', 'b', { ttlMs: 1000 }));
  log.now = 500;
  log.from(memberA, keepAlive);
  log.now = 1499;
  assert.deepEqual(due(log), []);
  log.now = 1500;
  const sessions = [{ memberId: memberA, lastCommandIndex: 3 }];
  const [expire] = due(log);
  assert.deepEqual(expire, {
    type: 'expireWaiter',
    space: 'lock',
    name: 'job',
    index: 2,
    sessions,
    term: 1,
    keptAt: undefined,
  });
  assert.ok(expire);
  log.apply(expire);
  assert.deepEqual(
    log.machine.locks.queue('lock', 'job').map(({ value }) => value),
    ['a'],
  );
});

test('a queue entry that two members keep goes when both are silent', () => {
  const log = Log.empty();
  log.apply(acquire('job', 'a', { ttlMs: 1_000_000 }));
  log.from(memberA, acquire('job', 'b', { ttlMs: 1000 }));
  log.from(memberB, acquire('job', 'b', { ttlMs: 1000 }));
  log.now = 900;
  log.from(memberB, keepAlive);
  log.now = 1800;
  assert.deepEqual(due(log), []);
  log.now = 1900;
  assert.equal(due(log).length, 1);
});

test('a new leader hears every member out before it takes it for silent', () => {
  const log = Log.empty();
  log.apply(acquire('job', 'a', { ttlMs: 1_000_000 }));
  log.from(memberA, acquire('job', 'b', { ttlMs: 1000 }));
  log.now = 5000;
  log.machine.time.adjustDeadlines(log.now);
  assert.deepEqual(due(log), []);
  log.now = 6000;
  assert.equal(due(log).length, 1);
});

test('a queue entry is kept by a keep-alive that was ordered before the expiry, and by its grant', () => {
  const log = Log.empty();
  log.from(memberB, acquire('job', 'a', { ttlMs: 1_000_000 }));
  log.from(memberA, acquire('job', 'b', { ttlMs: 1000 }));
  log.now = 1000;
  const [expire] = due(log);
  assert.ok(expire?.type === 'expireWaiter');
  log.from(memberA, keepAlive);
  log.apply(expire);
  assert.equal(log.machine.locks.queue('lock', 'job').length, 2);
  log.now = 2000;
  const [again] = due(log);
  assert.ok(again?.type === 'expireWaiter');
  log.apply({ ...again, term: term(2) });
  assert.equal(log.machine.locks.queue('lock', 'job').length, 2);
  log.apply(release('job', { value: 'a' }));
  log.apply(again);
  assert.equal(log.machine.locks.holder('lock', 'job')?.value, 'b');
});

test('a swap that renews a TTL counts from the swap', () => {
  const log = Log.empty();
  log.apply(set('/a', 'x', { ttlMs: 1000 }));
  log.now = 800;
  log.apply(compareAndSwap('/a', 'y', { prevValue: 'x', ttlMs: 1000 }));
  assertFirstEndsAt(log.machine, 1800);
});
