import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StateMachine } from '../../../src/store/state-machine.js';
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
      log.settle();
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

const keeps = { keepsPlace: true };

/** Place 2, of `b`, waits through a boot of member A that is over; `c` is behind. */
function crashedLog(changes: Parameters<typeof acquire>[2], leftBehindMax = 256): Log {
  const log = new Log(new StateMachine({ leftBehindMax }));
  log.from(memberB, acquire('job', 'a', { ttlMs: 60_000 }));
  log.from(memberA, acquire('job', 'b', changes));
  log.from(memberB, acquire('job', 'c', { ttlMs: 60_000 }));
  log.now = 700;
  log.from(memberA, register('disk'), 2);
  return log;
}

describe('a place whose request asked to keep it', () => {
  test('stays for its TTL when the boot through which it waits is over, and no longer', () => {
    const log = crashedLog(keeps);
    log.from(memberB, { type: 'keepAlive' });
    log.now = 1699;
    log.settle();
    assert.deepEqual(queueOf(log), keptInOrder);
    log.now = 1700;
    log.settle();
    assert.deepEqual(queueOf(log), ['1 a holds', '3 c']);
  });

  test('goes with the boot if nobody asked for that', () => {
    assert.deepEqual(queueOf(crashedLog({})), ['1 a holds', '3 c']);
  });

  for (const leftBehindMax of [0, 1]) {
    test(`is granted in its turn, with up to ${leftBehindMax} dropped for each entry since the boot ended`, () => {
      const log = crashedLog(keeps, leftBehindMax);
      log.apply(release('job', { index: 1 }));
      assert.deepEqual(queueOf(log), ['2 b holds', '3 c']);
      assertFirstEndsAt(log.machine, 1700);
      const back = log.from(memberB, acquire('job', 'b', keeps));
      assert.deepEqual(entryOf(back.result), { index: 2, holds: true });
    });
  }

  test('is there after a snapshot that was taken before the boot ended', () => {
    const log = Log.empty();
    log.from(memberB, acquire('job', 'a', { ttlMs: 60_000 }));
    log.from(memberA, acquire('job', 'b', keeps));
    log.from(memberB, acquire('job', 'c', { ttlMs: 60_000 }));
    const copy = new Log(restored(rest(log.machine.snapshot()), 0));
    copy.from(memberA, register('disk'), 2);
    copy.settle();
    assert.deepEqual(queueOf(copy), keptInOrder);
    assert.notEqual(copy.machine.stateHash(), log.machine.stateHash());
  });

  test('has its TTL from when its boot ended, though others wait on it and leave then', () => {
    const log = Log.empty();
    log.from(memberB, acquire('job', 'a', { ttlMs: 60_000 }));
    log.from(memberA, acquire('job', 'b', keeps));
    const other = log.from(memberB, acquire('job', 'b'));
    log.now = 5000;
    log.from(memberA, register('disk'), 2);
    log.from(memberB, cancelAcquire('job', 2, other.sequence));
    log.now = 5999;
    log.settle();
    assert.deepEqual(queueOf(log), ['1 a holds', '2 b']);
    log.now = 6000;
    log.settle();
    assert.deepEqual(queueOf(log), ['1 a holds']);
  });

  for (const [how, keepIfHolder] of [
    ['its client is gone', false],
    ['its time is over', true],
  ] as const) {
    test(`stays for its TTL when an earlier request without keep leaves late, since ${how}`, () => {
      const log = Log.empty();
      log.from(memberB, acquire('job', 'a', { ttlMs: 60_000 }));
      const earlier = log.from(memberA, acquire('job', 'b'));
      const kept = log.from(memberB, acquire('job', 'b', keeps));
      log.now = 700;
      log.from(memberB, cancelAcquire('job', 2, kept.sequence, true, true));
      log.now = 800;
      log.from(memberA, cancelAcquire('job', 2, earlier.sequence, keepIfHolder));
      log.now = 1699;
      log.settle();
      assert.deepEqual(queueOf(log), ['1 a holds', '2 b']);
      log.now = 1700;
      log.settle();
      assert.deepEqual(queueOf(log), ['1 a holds']);
    });
  }

  test('is gone for who came back without keep, and is told that its time is over', () => {
    const log = keptLog(keeps);
    const back = log.from(memberB, acquire('job', 'b'));
    log.from(memberB, cancelAcquire('job', 2, back.sequence, true));
    assert.deepEqual(queueOf(log), ['1 a holds', '3 c']);
  });

  test('stays for its TTL when a request without keep is applied late, and leaves', () => {
    const log = keptLog(keeps);
    log.now = 800;
    const late = log.from(memberB, acquire('job', 'b'));
    log.from(memberB, cancelAcquire('job', 2, late.sequence));
    log.now = 1699;
    log.settle();
    assert.deepEqual(queueOf(log), keptInOrder);
    log.now = 1700;
    log.settle();
    assert.deepEqual(queueOf(log), ['1 a holds', '3 c']);
  });

  test('holds for its TTL when a request without keep leaves after the grant', () => {
    const log = keptLog(keeps);
    const late = log.from(memberB, acquire('job', 'b'));
    log.apply(release('job', { index: 1 }));
    log.from(memberB, cancelAcquire('job', 2, late.sequence));
    assert.deepEqual(queueOf(log), ['2 b holds', '3 c']);
    assertFirstEndsAt(log.machine, 1700);
  });

  test('is given up by who was told that it holds', () => {
    const log = keptLog(keeps);
    const held = log.from(memberB, acquire('job', 'b', { ...keeps, holdsConnection: true }));
    log.apply(release('job', { index: 1 }));
    const end = cancelAcquire('job', 2, held.sequence);
    log.from(memberB, { ...end, givesUp: true });
    assert.deepEqual(queueOf(log), ['3 c holds']);
  });

  const keepings: Readonly<Record<string, (log: Log) => void>> = {
    'a request joined it, whose boot is over': (log) => {
      log.from(memberB, acquire('job', 'b', keeps));
      log.from(memberB, register('disk'), 2);
    },
    'a request joined it, and left': (log) => {
      const { sequence } = log.from(memberB, acquire('job', 'b', keeps));
      log.from(memberB, cancelAcquire('job', 2, sequence, true, true));
    },
    'the boot of its member was over': (log) => {
      log.from(memberA, register('disk'), 2);
    },
    'it was renewed': (log) => {
      log.from(memberB, renew('job', { index: 2 }));
    },
  };
  for (const [how, keep] of Object.entries(keepings)) {
    test(`is not ended by an expiry that was proposed before ${how}`, () => {
      const log = keptLog(keeps);
      log.from(memberA, acquire('job', 'b'));
      log.now = 3000;
      log.from(memberB, { type: 'keepAlive' });
      const [expiry] = log.machine.time.expired(log.now, log.machine.appliedTerm, 1);
      assert.ok(expiry?.type === 'expireWaiter');
      keep(log);
      log.apply(expiry);
      assert.ok(queueOf(log).includes('2 b'));
    });
  }
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
