import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { acquire, cancelAcquire, register, release, renew } from '../commands.js';
import { assertFirstEndsAt, entryOf, errorOf, Log, memberA, memberB } from '../log.js';
import { rest, restored } from '../snapshots.js';

function queueOf({ machine }: Pick<Log, 'machine'>): readonly string[] {
  return machine.locks
    .queue('lock', 'job')
    .map(({ index, value, holds }) => `${index} ${value}${holds ? ' holds' : ''}`);
}

/** The request for place 2, of `b` through member A, has left and keeps it; `c` is behind. */
function keptLog(changes: Parameters<typeof acquire>[2] = {}): Log {
  const log = Log.empty();
  log.from(memberB, acquire('job', 'a', { ttlMs: 60_000 }));
  const { sequence } = log.from(memberA, acquire('job', 'b', changes));
  log.from(memberB, acquire('job', 'c', { ttlMs: 60_000 }));
  log.now = 700;
  const left = log.from(memberA, cancelAcquire('job', 2, sequence, false, true));
  assert.equal(left.result.type, 'done');
  return log;
}

const keptInOrder = ['1 a holds', '2 b', '3 c'];

describe('a place that is kept', () => {
  test('stays in its order for its TTL from then on, and no longer', () => {
    const log = keptLog();
    assert.deepEqual(queueOf(log), keptInOrder);
    log.from(memberB, { type: 'keepAlive' });
    log.now = 1699;
    log.settle();
    assert.deepEqual(queueOf(log), keptInOrder);
    log.now = 1700;
    log.settle();
    assert.deepEqual(queueOf(log), ['1 a holds', '3 c']);
  });

  test('outlives the boot through which it was asked for', () => {
    const log = keptLog();
    log.from(memberA, register('disk'), 2);
    log.settle();
    assert.deepEqual(queueOf(log), keptInOrder);
  });

  for (const [how, again] of [
    ['value', acquire('job', 'b')],
    ['index', acquire('job', '', { index: 2 })],
    ['index and value', acquire('job', 'b', { index: 2 })],
  ] as const) {
    test(`is joined by ${how} through any member, which keeps it alive from then on`, () => {
      const log = keptLog();
      log.now = 1600;
      const joined = log.from(memberB, again);
      assert.deepEqual(entryOf(joined.result), { index: 2, holds: false });
      log.now = 2500;
      log.from(memberB, { type: 'keepAlive' });
      log.settle();
      assert.deepEqual(queueOf(log), keptInOrder);
      log.from(memberB, cancelAcquire('job', 2, joined.sequence));
      assert.deepEqual(queueOf(log), ['1 a holds', '3 c']);
    });
  }

  test('is granted in its turn, with its TTL in full, and told to who comes back', () => {
    const log = keptLog();
    log.now = 1500;
    log.apply(release('job', { index: 1 }));
    assert.deepEqual(queueOf(log), ['2 b holds', '3 c']);
    assertFirstEndsAt(log.machine, 2500);
    log.now = 2000;
    const back = log.from(memberB, acquire('job', '', { index: 2 }));
    assert.deepEqual(entryOf(back.result), { index: 2, holds: true });
    assertFirstEndsAt(log.machine, 3000);
  });

  test('is renewed without being joined', () => {
    const log = keptLog();
    log.now = 1600;
    log.from(memberA, renew('job', { index: 2, ttlMs: 2000 }));
    log.now = 3599;
    log.from(memberB, { type: 'keepAlive' });
    log.settle();
    assert.deepEqual(queueOf(log), keptInOrder);
  });

  test('is there after a snapshot, and ends there, too', () => {
    const log = keptLog();
    const copy = new Log(restored(rest(log.machine.snapshot()), 1000));
    assert.deepEqual(queueOf(copy), keptInOrder);
    copy.now = 2000;
    assert.equal(copy.machine.time.expired(1999, copy.machine.appliedTerm, 9).length, 0);
    copy.settle();
    assert.deepEqual(queueOf(copy), ['1 a holds', '3 c']);
  });

  test('has its whole TTL again under a new leader: nobody could come back without one', () => {
    const log = keptLog();
    log.now = 50_000;
    log.machine.time.adjustDeadlines(log.now);
    log.settle();
    assert.deepEqual(queueOf(log), keptInOrder);
    log.now = 51_000;
    log.settle();
    assert.deepEqual(queueOf(log), ['1 a holds', '3 c']);
  });

  test('of one who waits through a connection is kept as any other', () => {
    assert.deepEqual(queueOf(keptLog({ holdsConnection: true })), keptInOrder);
  });

  test('that holds by then stays for the rest of its TTL, whoever was not told', () => {
    const log = Log.empty();
    const { sequence } = log.from(memberA, acquire('job', 'a', { holdsConnection: true }));
    log.now = 400;
    log.from(memberA, cancelAcquire('job', 1, sequence, false, true));
    assert.deepEqual(queueOf(log), ['1 a holds']);
    log.from(memberA, register('disk'), 2);
    assert.deepEqual(queueOf(log), ['1 a holds']);
    assertFirstEndsAt(log.machine, 1000);
  });
});

describe('an acquire with an index', () => {
  test('adds no place where there is none with that index', () => {
    const log = keptLog();
    for (const command of [
      acquire('job', '', { index: 9 }),
      acquire('job', 'a', { index: 2 }),
      acquire('other', '', { index: 2 }),
      acquire('job', '', { index: 2, space: 'leader' }),
    ]) {
      const { errorCode, cause } = errorOf(log.from(memberB, command).result);
      assert.equal(errorCode, 100);
      assert.match(cause, /^(job|other) has no place [29]( with that value)?$/);
    }
    assert.deepEqual(queueOf(log), keptInOrder);
  });

  test('renews the one who holds, and never queues when it holds no more', () => {
    const log = keptLog();
    const renewed = log.from(memberA, acquire('job', '', { index: 1, ttlMs: 60_000 }));
    assert.deepEqual(entryOf(renewed.result), { index: 1, holds: true });
    log.apply(release('job', { index: 1 }));
    const late = log.from(memberA, acquire('job', 'a', { index: 1 }));
    assert.equal(errorOf(late.result).errorCode, 100);
    assert.deepEqual(queueOf(log), ['2 b holds', '3 c']);
  });

  test('and only one try leaves a waiting place as it is', () => {
    const log = keptLog();
    const tried = log.from(memberB, acquire('job', '', { index: 2, tryOnly: true }));
    assert.equal(errorOf(tried.result).cause, 'job is not free; its holder: 1');
    log.now = 1700;
    log.from(memberB, { type: 'keepAlive' });
    log.settle();
    assert.deepEqual(queueOf(log), ['1 a holds', '3 c']);
  });
});
