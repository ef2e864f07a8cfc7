import assert from 'node:assert/strict';
import test from 'node:test';
import { acquire, cancelAcquire, register, release, renew } from '../commands.js';
import { entryOf, errorOf, Log, memberA, memberB } from '../log.js';

/**
 * Carries a script out on one lock, and tells its queue: who came as which, a star behind those who
 * hold. `s` and `x` ask for a shared and an exclusive queue entry, `?s` and `?x` try to; `-2`
 * releases the second that asked, `~2` renews it.
 */
function queueAfter(limit: number, script: string): string {
  const log = Log.empty();
  const tokens: number[] = [];
  for (const word of script.split(' ')) {
    const of = Number(word.slice(1));
    if (word.startsWith('-')) log.apply(release('job', { index: tokens[of - 1] }));
    else if (word.startsWith('~')) log.apply(renew('job', { index: tokens[of - 1] }));
    else {
      const mode = word.endsWith('s') ? 'shared' : 'exclusive';
      const tryOnly = word.startsWith('?');
      const result = log.from(memberA, acquire('job', '', { limit, mode, tryOnly })).result;
      tokens.push(result.type === 'queueEntry' ? result.entry.index : 0);
    }
  }
  return log.machine.locks
    .queue('lock', 'job')
    .map(({ index, holds }) => `${tokens.indexOf(index) + 1}${holds ? '*' : ''}`)
    .join(' ');
}

for (const [limit, script, queue] of [
  [1, 'x x', '1* 2'],
  [1, 's s s', '1* 2* 3*'],
  [1, 's x s', '1* 2 3'],
  [1, 'x s', '1* 2'],
  [1, 's s x s -1', '2* 3 4'],
  [1, 's s x s -2', '1* 3 4'],
  [1, 's s x s -1 -2', '3* 4'],
  [1, 's x s s -1 -2', '3* 4*'],
  [1, 's x s -2', '1* 3*'],
  [1, 's x s s x s -2', '1* 3* 4* 5 6'],
  [1, 's x x s -2', '1* 3 4'],
  [1, 's x x s -3', '1* 2 4'],
  [1, 's x x s -2 -3', '1* 4*'],
  [1, 'x s s x s -1', '2* 3* 4 5'],
  [1, 'x s x s -3', '1* 2 4'],
  [1, 'x s x s -3 -1', '2* 4*'],
  [1, 's x s -3 -1', '2*'],
  [1, 's s ~1 x ~2 s ~3 ~4', '1* 2* 3 4'],
  [1, 's -1 x s -2 s', '3* 4*'],
  [1, '?x ?s ?x', '1*'],
  [1, 's ?s', '1* 2*'],
  [1, 's ?x', '1*'],
  [1, 's x ?s', '1* 2'],
  [1, 's x ?s -2 ?s', '1* 4*'],
  [2, 'x x x', '1* 2* 3'],
  [2, 'x x x -1', '2* 3*'],
  [2, 'x x x -2', '1* 3*'],
  [2, 'x x x x -3', '1* 2* 4'],
  [2, 'x x x x -4', '1* 2* 3'],
  [2, 'x x x ~1 ~2 ~3', '1* 2* 3'],
  [2, 'x x -2 x', '1* 3*'],
  [2, 'x x -1 x x -2', '3* 4*'],
  [2, 'x ?x ?x', '1* 2*'],
  [3, 'x x x x x -1 -2', '3* 4* 5*'],
  [3, 'x -1', ''],
  [10_000, 'x x x x', '1* 2* 3* 4*'],
] as const) {
  test(`limit ${limit}: ${script} leaves ${queue || 'nobody'}`, () => {
    assert.equal(queueAfter(limit, script), queue);
  });
}

test('the TTL of each that holds from one step on starts in full with it', () => {
  const log = Log.empty();
  log.apply(acquire('job', 'w'));
  for (const ttlMs of [300, 700]) log.apply(acquire('job', `${ttlMs}`, { mode: 'shared', ttlMs }));
  log.now = 900;
  log.clusterTimeMs = 800;
  log.apply(release('job', { value: 'w' }));
  assert.deepEqual(
    log.machine.locks
      .queue('lock', 'job')
      .map(({ expiresAt, grantedAt }) => [expiresAt, grantedAt]),
    [
      [1200, 800],
      [1600, 800],
    ],
  );
});

test('a holder whose TTL is over goes, and the other holders stay', () => {
  const log = Log.empty();
  for (const ttlMs of [500, 100, 900]) {
    log.apply(acquire('job', `${ttlMs}`, { mode: 'shared', ttlMs }));
  }
  log.apply(acquire('job', 'w'));
  log.now = 100;
  for (const command of log.machine.time.expired(100, log.machine.appliedTerm, 10))
    log.apply(command);
  assert.deepEqual(
    log.machine.locks.queue('lock', 'job').map(({ value, holds }) => [value, holds]),
    [
      ['500', true],
      ['900', true],
      ['w', false],
    ],
  );
});

test('a writer that falls silent makes way for the readers behind it', () => {
  const log = Log.empty();
  log.apply(acquire('job', 'r1', { mode: 'shared', ttlMs: 60_000 }));
  log.from(memberA, acquire('job', 'w', { ttlMs: 1000 }));
  log.from(memberB, acquire('job', 'r2', { mode: 'shared', ttlMs: 60_000 }));
  log.now = 1000;
  for (const command of log.machine.time.expired(1000, log.machine.appliedTerm, 10))
    log.apply(command);
  assert.deepEqual(
    log.machine.locks.queue('lock', 'job').map(({ value, holds }) => [value, holds]),
    [
      ['r1', true],
      ['r2', true],
    ],
  );
});

test('of those who waited through an earlier boot, none is granted as another of them leaves', () => {
  const log = Log.empty();
  log.apply(acquire('job', 'r1', { mode: 'shared' }));
  log.from(memberA, acquire('job', 'w'));
  log.from(memberA, acquire('job', 'r2', { mode: 'shared' }));
  log.from(memberB, acquire('job', 'r3', { mode: 'shared' }));
  log.from(memberA, register('disk'), 2);
  assert.deepEqual(
    log.machine.locks.queue('lock', 'job').map(({ value, holds }) => [value, holds]),
    [
      ['r1', true],
      ['r3', true],
    ],
  );
  const changes = log.machine.locks.holderChanges('lock', 'job', 0).changes;
  assert.deepEqual(
    changes.map(({ action, value }) => `${action} ${value}`),
    ['granted r1', 'granted r3'],
  );
});

test('a request that leaves takes along its own queue entry among those who hold', () => {
  const log = Log.empty();
  log.apply(acquire('job', 'r1', { mode: 'shared' }));
  const { result, sequence } = log.from(memberA, acquire('job', 'r2', { mode: 'shared' }));
  const { index } = entryOf(result);
  assert.equal(
    entryOf(log.from(memberA, cancelAcquire('job', index, sequence, true)).result).holds,
    true,
  );
  log.from(memberA, cancelAcquire('job', index, sequence));
  assert.deepEqual(
    log.machine.locks.queue('lock', 'job').map(({ value }) => value),
    ['r1'],
  );
});

test('joining one of several holders renews that one', () => {
  const log = Log.empty();
  for (const value of ['a', 'b', 'c']) log.apply(acquire('job', value, { limit: 2 }));
  log.now = 500;
  const joined = log.from(memberA, acquire('job', 'b', { limit: 2 }));
  assert.deepEqual(entryOf(joined.result), { index: 2, holds: true });
  assert.deepEqual(
    log.machine.locks.queue('lock', 'job').map(({ expiresAt }) => expiresAt),
    [1000, 1500, undefined],
  );
  assert.equal(log.machine.locks.keepAliveTtl(memberA, 1), undefined);
});

test('a limit belongs to the lock for as long as it has a queue entry', () => {
  const log = Log.empty();
  log.apply(acquire('job', 'a', { limit: 3 }));
  for (const asked of [
    {},
    { limit: 2 },
    { mode: 'shared' },
    { limit: 2, tryOnly: true },
  ] as const) {
    const error = errorOf(log.from(memberA, acquire('job', 'b', asked)).result);
    assert.equal(error.errorCode, 112);
    const limit = 'limit' in asked ? asked.limit : 1;
    const cause = `job has limit 3, and limit ${limit} was asked for`;
    assert.equal(error.cause, cause);
  }
  // The holder's own value does not renew either.
  assert.equal(errorOf(log.apply(acquire('job', 'a', { limit: 2 }))).errorCode, 112);
  assert.equal(log.machine.locks.limit('lock', 'job'), 3);
  log.apply(release('job', { value: 'a' }));
  assert.equal(log.machine.locks.limit('lock', 'job'), 1);
  assert.equal(entryOf(log.apply(acquire('job', 'b', { limit: 2 }))).holds, true);
  assert.equal(log.machine.locks.limit('lock', 'job'), 2);
});

test('a value keeps the mode of its queue entry, whether it holds or waits', () => {
  const log = Log.empty();
  log.apply(acquire('job', 'r', { mode: 'shared' }));
  log.from(memberA, acquire('job', 'w'));
  const { etcdIndex } = log.machine;
  const holds = errorOf(log.from(memberB, acquire('job', 'r')).result);
  assert.equal(holds.errorCode, 113);
  assert.match(holds.cause, /place 1 of job is shared, and exclusive was asked for/);
  const waits = errorOf(log.from(memberB, acquire('job', 'w', { mode: 'shared' })).result);
  assert.match(waits.cause, /place 2 of job is exclusive, and shared was asked for/);
  assert.equal(log.machine.etcdIndex, etcdIndex);
  assert.equal(log.machine.locks.keepAliveTtl(memberB, 1), undefined);
});

test('those who wait are told of their own grant, and who watches is told once', () => {
  const log = Log.empty();
  log.apply(acquire('job', 'w'));
  const told: string[] = [];
  log.machine.locks.onHolder('lock', 'job', () => told.push('holder'));
  for (const index of [2, 3, 4]) {
    log.apply(acquire('job', '', { mode: index === 4 ? 'exclusive' : 'shared' }));
    log.machine.locks.onQueueEntry('lock', 'job', index, (change) =>
      told.push(`${index} ${change}`),
    );
  }
  assert.deepEqual(told, []);
  log.apply(release('job', { index: 1 }));
  assert.deepEqual(told.toSorted(), ['2 granted', '3 granted', 'holder']);
  assert.equal(log.machine.locks.holderChangedIndex('lock', 'job'), 5);
  told.length = 0;
  log.apply(release('job', { index: 3 }));
  assert.deepEqual(told, ['holder']);
  assert.equal(log.machine.locks.holderChangedIndex('lock', 'job'), 6);
});

test('a writer that gives up is a change of holders only if somebody holds in its stead', () => {
  for (const [behind, changedAt] of [
    ['exclusive', 1],
    ['shared', 4],
  ] as const) {
    const log = Log.empty();
    log.apply(acquire('job', '', { mode: 'shared' }));
    log.apply(acquire('job', ''));
    log.apply(acquire('job', '', { mode: behind }));
    log.apply(release('job', { index: 2 }));
    assert.equal(log.machine.locks.holderChangedIndex('lock', 'job'), changedAt, behind);
  }
});
