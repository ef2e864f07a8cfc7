import assert from 'node:assert/strict';
import test from 'node:test';
import { holderChangesMax } from '../../../src/store/locks/holder-history.js';
import { acquire, release, set } from '../commands.js';
import { Log, memberA } from '../log.js';

function told(log: Log, name: string, sinceIndex = 0): readonly string[] {
  return log.machine.locks
    .holderChanges('lock', name, sinceIndex)
    .changes.map(({ at, clusterTimeMs, action, index, value }) =>
      [at, clusterTimeMs, action, index, value].join(' '),
    );
}

test('each change of holders is remembered, with its index and its time, in order', () => {
  const log = Log.empty();
  log.clusterTimeMs = 10;
  log.apply(acquire('job', 'a'));
  log.apply(acquire('other', 'x'));
  log.apply(acquire('job', 'a', { space: 'leader' }));
  log.apply(acquire('job', 'b', { ttlMs: 50 }));
  log.clusterTimeMs = 20;
  log.apply(release('job', { value: 'a' }));
  log.clusterTimeMs = 90;
  log.now = 50;
  for (const command of log.machine.time.expired(50, log.machine.appliedTerm, 10))
    log.apply(command);
  assert.deepEqual(told(log, 'job'), [
    '1 10 granted 1 a',
    '5 20 released 1 a',
    '5 20 granted 4 b',
    '6 90 expired 4 b',
  ]);
  assert.deepEqual(told(log, 'other'), ['2 10 granted 2 x']);
  assert.equal(log.machine.locks.holderChanges('leader', 'job', 0).changes.length, 1);
});

test('a release by somebody else than the owner is remembered as forced', () => {
  const log = Log.empty();
  log.apply(acquire('job', 'a'));
  log.apply(acquire('job', 'b'));
  log.apply(release('job', { value: 'a', forced: true }));
  log.apply(release('job', { value: 'b', forced: false }));
  assert.deepEqual(
    told(log, 'job').map((change) => change.replace(/^\S+ \S+ /, '')),
    ['granted 1 a', 'forced 1 a', 'granted 2 b', 'released 2 b'],
  );
});

test('what changes no holder is not remembered', () => {
  const log = Log.empty();
  log.apply(acquire('job', 'a'));
  log.from(memberA, acquire('job', 'b'));
  log.apply(acquire('job', 'a'));
  log.apply(release('job', { value: 'b' }));
  log.apply(set('/x', ''));
  assert.deepEqual(told(log, 'job'), ['1 0 granted 1 a']);
});

test('changes since an index are all those at or after it', () => {
  const log = Log.empty();
  log.apply(acquire('job', 'a'));
  log.apply(acquire('job', 'b'));
  log.apply(release('job', { value: 'a' }));
  log.apply(release('job', { value: 'b' }));
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((sinceIndex) => told(log, 'job', sinceIndex).length),
    [4, 3, 3, 1, 0],
  );
  assert.equal(log.machine.locks.holderChanges('lock', 'job', 0).oldestIndex, 1);
});

test('the oldest changes are forgotten, and it is known from where on none is', () => {
  const log = Log.empty();
  let changes = 0;
  for (; changes <= holderChangesMax; changes += 2) {
    log.apply(acquire('job', 'a'));
    log.apply(release('job', { value: 'a' }));
  }
  const forgotten = changes - holderChangesMax;
  const known = log.machine.locks.holderChanges('lock', 'job', 0);
  assert.equal(known.changes.length, holderChangesMax);
  assert.equal(known.oldestIndex, forgotten + 1);
  assert.equal(known.changes[0]?.at, forgotten + 1);
  assert.equal(known.changes.at(-1)?.at, log.machine.etcdIndex);
  assert.equal(told(log, 'job', log.machine.etcdIndex).length, 1);
});

test('an index of which one change is forgotten is not covered any more', () => {
  const log = Log.empty();
  const readers = 5;
  log.apply(acquire('job', 'w'));
  for (let i = 0; i < readers; i += 1) log.apply(acquire('job', `${i}`, { mode: 'shared' }));
  log.apply(release('job', { value: 'w' }));
  const grantedAt = log.machine.etcdIndex;
  const before = 1 + 1 + readers;
  for (let i = before; i < holderChangesMax; i += 2) {
    log.apply(acquire('other', 'a'));
    log.apply(release('other', { value: 'a' }));
  }
  // The ring holds one more than it can: of the grants at one index, the first are gone.
  log.apply(acquire('other', 'a'));
  log.apply(release('other', { value: 'a' }));
  const { changes, oldestIndex } = log.machine.locks.holderChanges('lock', 'job', 0);
  assert.equal(oldestIndex, grantedAt + 1);
  assert.ok(changes.every(({ at }) => at === grantedAt));
  assert.ok(changes.length < readers + 1);
});

test('of a long value the beginning is remembered, and no half of a character', () => {
  const log = Log.empty();
  for (const value of ['x'.repeat(300), `${'x'.repeat(255)}🙂`, `${'x'.repeat(254)}🙂`]) {
    log.apply(acquire('job', value));
    log.apply(release('job', { value }));
  }
  const values = log.machine.locks
    .holderChanges('lock', 'job', 0)
    .changes.map(({ value }) => value);
  assert.deepEqual(
    [values[0], values[2], values[4]],
    ['x'.repeat(256), 'x'.repeat(255), `${'x'.repeat(254)}🙂`],
  );
});
