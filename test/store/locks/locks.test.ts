import assert from 'node:assert/strict';
import test from 'node:test';
import { acquire, cancelAcquire, release, renew, set } from '../commands.js';
import { entryOf, errorOf, Log, memberA, memberB } from '../log.js';

function queueOf(log: Log, name: string): readonly string[] {
  return log.machine.locks
    .queue('lock', name)
    .map(({ index, holds }) => (holds ? `${index} holds` : `${index}`));
}

/** Queue entries with the values that are given, the first of them holding. */
function logOf(name: string, ...values: readonly string[]): Log {
  const log = Log.empty();
  for (const value of values) log.from(memberA, acquire(name, value));
  return log;
}

test('the first to acquire holds, the next one waits', () => {
  const log = Log.empty();
  const first = log.from(memberA, acquire('job', 'a'));
  const second = log.from(memberB, acquire('job', 'b'));
  assert.deepEqual(first.result, {
    type: 'queueEntry',
    entry: { index: 1, holds: true },
    etcdIndex: 1,
  });
  assert.deepEqual(entryOf(second.result), { index: 2, holds: false });
  assert.deepEqual(queueOf(log, 'job'), ['1 holds', '2']);
  assert.equal(log.machine.locks.holder('lock', 'job')?.value, 'a');
});

test('a lock does not count as one who waits for the lock whose name its own begins with', () => {
  const log = Log.empty();
  for (const name of ['job', 'job/sub', 'job/sub/sub']) log.apply(acquire(name, 'a'));
  log.apply(acquire('job', 'b'));
  assert.deepEqual(log.machine.locks.queueSize('lock', 'job'), { holding: 1, waiting: 1 });
  assert.deepEqual(log.machine.locks.totals('lock'), { names: 3, holding: 3, waiting: 1 });
  log.apply(release('job', { value: 'a' }));
  assert.deepEqual(log.machine.locks.queueSize('lock', 'job'), { holding: 1, waiting: 0 });
});

test('locks and elections of one name do not meet', () => {
  const log = Log.empty();
  log.apply(acquire('job', 'a'));
  const elected = log.apply(acquire('job', 'b', { space: 'leader' }));
  assert.equal(entryOf(elected).holds, true);
  assert.equal(log.machine.locks.holder('leader', 'job')?.value, 'b');
  assert.deepEqual([...log.machine.locks.namesFrom('lock', '')], ['job']);
});

test('queue entries are granted in the order in which they were taken', () => {
  const log = logOf('job', 'a', 'b', 'c', 'd');
  for (const holder of [1, 2, 3, 4]) {
    assert.equal(log.machine.locks.holder('lock', 'job')?.index, holder);
    log.apply(release('job', { index: holder }));
  }
  assert.equal(log.machine.locks.holder('lock', 'job'), undefined);
});

test('renewing the holder grants nothing to anybody', () => {
  const log = logOf('job', 'a', 'b');
  for (let i = 0; i < 100; i += 1) log.apply(renew('job', { index: 1 }));
  assert.deepEqual(queueOf(log, 'job'), ['1 holds', '2']);
});

test('a waiter that leaves grants nothing to those behind it', () => {
  const log = logOf('job', 'a', 'b', 'c');
  log.from(memberA, cancelAcquire('job', 2, 2));
  assert.deepEqual(queueOf(log, 'job'), ['1 holds', '3']);
  log.apply(release('job', { value: 'c' }));
  assert.deepEqual(queueOf(log, 'job'), ['1 holds']);
});

test('a waiter that leaves does nothing to the holder', () => {
  const log = logOf('job', 'a', 'b', 'c');
  const told: string[] = [];
  log.machine.locks.onHolder('lock', 'job', () => told.push('holder'));
  log.machine.locks.onQueueEntry('lock', 'job', 1, (change) => told.push(change));
  log.now = 600;
  log.apply(release('job', { index: 2 }));
  log.from(memberA, cancelAcquire('job', 3, 3));
  assert.equal(log.machine.locks.holder('lock', 'job')?.expiresAt, 1000);
  assert.equal(log.machine.locks.holderChangedIndex('lock', 'job'), 1);
  assert.deepEqual(told, []);
});

test('waiters that leave in any order leave one holder at most', () => {
  const orders = permutations([2, 3, 4, 5]);
  assert.equal(orders.length, 24);
  for (const order of orders) {
    const log = logOf('job', 'a', 'b', 'c', 'd', 'e');
    for (const index of order) {
      log.apply(release('job', { index }));
      assert.equal(log.machine.locks.holder('lock', 'job')?.index, 1);
    }
    assert.deepEqual(queueOf(log, 'job'), ['1 holds']);
  }
});

function permutations(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}

test('a token is never used again, whatever becomes of the lock', () => {
  const log = Log.empty();
  let newest = 0;
  for (let i = 0; i < 20; i += 1) {
    const { index } = entryOf(log.apply(acquire(`job${i % 2}`, 'same')));
    assert.ok(index > newest);
    newest = index;
    log.apply(release(`job${i % 2}`, { index }));
  }
});

test('the same value waits on the same queue entry', () => {
  const log = logOf('job', 'a', 'b');
  const { etcdIndex } = log.machine;
  const joined = log.from(memberB, acquire('job', 'b'));
  assert.deepEqual(entryOf(joined.result), { index: 2, holds: false });
  assert.deepEqual(queueOf(log, 'job'), ['1 holds', '2']);
  assert.equal(log.machine.etcdIndex, etcdIndex);
});

test('an empty value is nobody’s: it never joins', () => {
  const log = logOf('job', '', '', '');
  assert.deepEqual(queueOf(log, 'job'), ['1 holds', '2', '3']);
});

test('the value that holds joins the holder and renews its TTL', () => {
  const log = logOf('job', 'a', 'b');
  log.now = 600;
  const joined = log.from(memberB, acquire('job', 'a', { ttlMs: 2000 }));
  assert.deepEqual(entryOf(joined.result), { index: 1, holds: true });
  assert.equal(log.machine.locks.holder('lock', 'job')?.expiresAt, 2600);
  assert.equal(log.machine.locks.keepAliveTtl(memberB, 1), undefined);
});

test('of those who join a waiting queue entry, none will hold for less than it asked for', () => {
  const log = logOf('job', 'a', 'b');
  log.from(memberB, acquire('job', 'b', { ttlMs: 5000 }));
  log.from(memberB, acquire('job', 'b', { ttlMs: 10 }));
  assert.equal(log.machine.locks.queueEntry('lock', 'job', 2)?.ttlMs, 5000);
});

test('a try that does not hold at once leaves nothing behind', () => {
  const log = logOf('job', 'a', 'b');
  const { etcdIndex } = log.machine;
  for (const value of ['', 'b', 'c']) {
    const error = errorOf(log.from(memberB, acquire('job', value, { tryOnly: true })).result);
    assert.deepEqual(error, {
      errorCode: 111,
      cause: 'job is not free; its holder: 1',
      index: etcdIndex,
    });
  }
  assert.deepEqual(queueOf(log, 'job'), ['1 holds', '2']);
  assert.equal(log.machine.locks.keepAliveTtl(memberB, 1), undefined);
  assert.equal(entryOf(log.apply(acquire('job', 'a', { tryOnly: true }))).index, 1);
  assert.equal(entryOf(log.apply(acquire('other', 'a', { tryOnly: true }))).holds, true);
});

test('renew and release name a queue entry by index, value or both, and both must fit', () => {
  const log = logOf('job', 'a', 'b', '');
  assert.deepEqual(entryOf(log.apply(renew('job', { value: 'b' }))), { index: 2, holds: false });
  assert.equal(entryOf(log.apply(renew('job', { index: 1, value: 'a' }))).holds, true);
  for (const entry of [{ index: 9 }, { value: 'z' }, { index: 1, value: 'b' }, { value: '' }]) {
    assert.equal(errorOf(log.apply(renew('job', entry))).errorCode, 100, JSON.stringify(entry));
    assert.equal(errorOf(log.apply(release('job', entry))).errorCode, 100, JSON.stringify(entry));
  }
  assert.equal(errorOf(log.apply(renew('job', {}))).errorCode, 207);
  assert.equal(errorOf(log.apply(release('none', { index: 1 }))).errorCode, 100);
  assert.deepEqual(queueOf(log, 'job'), ['1 holds', '2', '3']);
});

test('a released lock stays released for the one who held it', () => {
  const log = logOf('job', 'a', 'b');
  log.apply(release('job', { value: 'a' }));
  assert.equal(errorOf(log.apply(renew('job', { index: 1 }))).errorCode, 100);
  assert.deepEqual(queueOf(log, 'job'), ['2 holds']);
});

test('the TTL starts in full with the grant', () => {
  const log = logOf('job', 'a');
  log.from(memberA, acquire('job', 'b', { ttlMs: 700 }));
  assert.equal(log.machine.locks.queueEntry('lock', 'job', 2)?.expiresAt, undefined);
  log.now = 900;
  log.apply(release('job', { index: 1 }));
  const { ttlMs, expiresAt } = log.machine.locks.holder('lock', 'job') ?? {};
  assert.deepEqual([ttlMs, expiresAt], [700, 1600]);
});

test('a queue entry that waits for two requests goes when both have left', () => {
  const log = logOf('job', 'a');
  const one = log.from(memberA, acquire('job', 'b'));
  const two = log.from(memberB, acquire('job', 'b'));
  assert.equal(log.from(memberA, cancelAcquire('job', 2, one.sequence)).result.type, 'done');
  assert.deepEqual(queueOf(log, 'job'), ['1 holds', '2']);
  log.from(memberA, cancelAcquire('job', 2, one.sequence));
  log.from(memberA, cancelAcquire('job', 2, two.sequence + 100));
  assert.deepEqual(queueOf(log, 'job'), ['1 holds', '2']);
  log.from(memberB, cancelAcquire('job', 2, two.sequence));
  assert.deepEqual(queueOf(log, 'job'), ['1 holds']);
});

test('a request that leaves after its grant keeps it, or gives it up, as it says', () => {
  const log = Log.empty();
  const { sequence } = log.from(memberA, acquire('job', 'a'));
  const kept = log.from(memberA, cancelAcquire('job', 1, sequence, true));
  assert.deepEqual(entryOf(kept.result), { index: 1, holds: true });
  const left = log.from(memberA, cancelAcquire('job', 1, sequence));
  assert.equal(left.result.type, 'done');
  assert.deepEqual(queueOf(log, 'job'), []);
});

test('a request that leaves does not take the lock from another that holds with it', () => {
  const log = Log.empty();
  const one = log.from(memberA, acquire('job', 'x'));
  log.from(memberA, acquire('job', 'b'));
  const three = log.from(memberB, acquire('job', 'b'));
  log.apply(release('job', { value: 'x' }));
  const left = log.from(memberB, cancelAcquire('job', 2, three.sequence));
  assert.deepEqual(entryOf(left.result), { index: 2, holds: true });
  const stranger = log.from(memberA, cancelAcquire('job', 2, one.sequence));
  assert.equal(entryOf(stranger.result).holds, true);
  assert.deepEqual(queueOf(log, 'job'), ['2 holds']);
});

test('leaving a queue entry that is gone changes nothing', () => {
  const log = logOf('job', 'a', 'b');
  log.apply(release('job', { index: 1 }));
  assert.equal(log.from(memberA, cancelAcquire('job', 1, 1)).result.type, 'done');
  assert.deepEqual(queueOf(log, 'job'), ['2 holds']);
});

test('an empty queue leaves no directory behind, and takes none that is needed', () => {
  const log = Log.empty();
  log.apply(acquire('a', 'x'));
  log.apply(acquire('a/b/c', 'x'));
  log.apply(release('a', { value: 'x' }));
  assert.deepEqual([...log.machine.locks.namesFrom('lock', '')], ['a/b/c']);
  assert.equal(exists(log, '/_etcd/mod/lock/a'), true);
  log.apply(acquire('a', 'y'));
  log.apply(release('a/b/c', { value: 'x' }));
  assert.equal(exists(log, '/_etcd/mod/lock/a/b'), false);
  assert.deepEqual(queueOf(log, 'a').length, 1);
  log.apply(release('a', { value: 'y' }));
  assert.equal(exists(log, '/_etcd/mod/lock/a'), false);
  assert.equal(exists(log, '/_etcd/mod/lock'), true);
});

function exists(log: Log, path: string): boolean {
  return log.machine.keys.get(path, { recursive: false, sorted: false, hidden: false }).ok;
}

test('names are listed in order while they have a queue entry', () => {
  const log = Log.empty();
  for (const name of ['b', 'a/x', 'a']) log.apply(acquire(name, 'v'));
  assert.deepEqual([...log.machine.locks.namesFrom('lock', '')], ['a', 'a/x', 'b']);
});

test('a change of the holder has the index of the event that made it', () => {
  const log = Log.empty();
  const changedAt = () => log.machine.locks.holderChangedIndex('lock', 'job');
  assert.equal(changedAt(), 0);
  log.apply(set('/x', '1'));
  log.apply(acquire('job', 'a'));
  assert.equal(changedAt(), 2);
  log.apply(acquire('job', 'b'));
  log.apply(renew('job', { index: 2 }));
  assert.equal(changedAt(), 2);
  log.apply(release('job', { index: 2 }));
  assert.equal(changedAt(), 5);
  log.apply(release('job', { value: 'b' }));
  assert.equal(changedAt(), 6);
  log.apply(set('/x', '2'));
  assert.equal(changedAt(), 6);
});

test('a wait from an index misses no change of a lock that was forgotten since', () => {
  const log = Log.empty();
  const emptiedAt = new Map<string, number>();
  for (let i = 0; i < 1100; i += 1) {
    log.apply(acquire(`job${i}`, 'a'));
    log.apply(release(`job${i}`, { value: 'a' }));
    emptiedAt.set(`job${i}`, log.machine.etcdIndex);
  }
  for (const [name, index] of emptiedAt) {
    assert.ok(log.machine.locks.holderChangedIndex('lock', name) >= index, name);
  }
  assert.equal(log.machine.locks.holderChangedIndex('lock', 'job1099'), emptiedAt.get('job1099'));
  assert.equal(log.machine.locks.holderChangedIndex('lock', 'never'), emptiedAt.get('job75'));
  assert.equal(log.machine.locks.holderChangedIndex('leader', 'never'), 0);
});

test('who waits for a queue entry is told once, of its grant or its removal', () => {
  const log = logOf('job', 'a', 'b', 'c');
  const told: string[] = [];
  log.machine.locks.onQueueEntry('lock', 'job', 2, (change) => told.push(`2 ${change}`));
  log.machine.locks.onQueueEntry('lock', 'job', 3, (change) => told.push(`3 ${change}`));
  const stop = log.machine.locks.onQueueEntry('lock', 'job', 3, () => told.push('stopped'));
  stop();
  stop();
  log.apply(renew('job', { index: 1 }));
  assert.deepEqual(told, []);
  log.apply(release('job', { index: 1 }));
  assert.deepEqual(told, ['2 granted']);
  log.apply(release('job', { index: 3 }));
  log.apply(release('job', { index: 2 }));
  assert.deepEqual(told, ['2 granted', '3 removed']);
});

test('who waits for the holder to change is told of each change and of nothing else', () => {
  const log = Log.empty();
  const told: (string | undefined)[] = [];
  const stop = log.machine.locks.onHolder('lock', 'job', () =>
    told.push(log.machine.locks.holder('lock', 'job')?.value),
  );
  log.apply(acquire('job', 'a'));
  log.apply(acquire('job', 'b'));
  log.apply(acquire('other', 'c'));
  log.apply(acquire('job', 'a'));
  log.apply(release('job', { value: 'a' }));
  log.apply(release('job', { value: 'b' }));
  stop();
  log.apply(acquire('job', 'd'));
  assert.deepEqual(told, ['a', 'b', undefined]);
});

test('a listener may stop another, or begin anew, when it is told', () => {
  const log = Log.empty();
  const told: string[] = [];
  const begin = () => log.machine.locks.onHolder('lock', 'job', () => told.push('anew'));
  let stop = (): void => undefined;
  log.machine.locks.onHolder('lock', 'job', () => {
    stop();
    begin();
  });
  stop = log.machine.locks.onHolder('lock', 'job', () => told.push('stopped'));
  log.apply(acquire('job', 'a'));
  assert.deepEqual(told, []);
  log.apply(release('job', { index: 1 }));
  assert.deepEqual(told, ['anew']);
});

test('the requests that wait through a member are counted until they hold or go', () => {
  const log = Log.empty();
  const waiting = () => [memberA, memberB].map((id) => log.machine.locks.waitingRequests(id));
  assert.deepEqual(waiting(), [0, 0]);
  log.from(memberA, acquire('job', 'a'));
  assert.deepEqual(waiting(), [0, 0]);
  log.from(memberA, acquire('job', 'b'));
  const again = log.from(memberA, acquire('job', 'b'));
  log.from(memberB, acquire('job', 'b'));
  log.from(memberB, acquire('work', 'a', { space: 'leader' }));
  log.from(memberB, acquire('work', 'b', { space: 'leader' }));
  assert.deepEqual(waiting(), [2, 2]);
  log.from(memberA, cancelAcquire('job', 2, again.sequence));
  assert.deepEqual(waiting(), [1, 2]);
  log.apply(release('job', { value: 'a' }));
  assert.deepEqual(waiting(), [0, 1]);
});

test('a member is kept alive while somebody waits through it, by the shortest TTL', () => {
  const log = Log.empty();
  log.from(memberA, acquire('job', 'a', { ttlMs: 10 }));
  assert.equal(log.machine.locks.keepAliveTtl(memberA, 1), undefined);
  log.from(memberA, acquire('job', 'b', { ttlMs: 5000 }));
  log.from(memberA, acquire('job', 'c', { ttlMs: 3000 }));
  assert.deepEqual(log.machine.locks.keepAliveTtl(memberA, 1), { ttlMsMin: 3000 });
  assert.equal(log.machine.locks.keepAliveTtl(memberA, 2), undefined);
  log.apply(renew('job', { value: 'c', ttlMs: 4000 }));
  assert.deepEqual(log.machine.locks.keepAliveTtl(memberA, 1), { ttlMsMin: 4000 });
  log.apply(release('job', { value: 'c' }));
  assert.deepEqual(log.machine.locks.keepAliveTtl(memberA, 1), { ttlMsMin: 5000 });
  log.apply(release('job', { value: 'a' }));
  assert.equal(log.machine.locks.keepAliveTtl(memberA, 1), undefined);
});
