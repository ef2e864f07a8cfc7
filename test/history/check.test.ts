import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { acquire, release, renew, view } from './build.js';
import { checkHistory, oneClock } from './check.js';
import { right, wrong } from './verdicts.js';

const tryOnly = { tryOnly: true };

describe('the holders of an exclusive lock', () => {
  right('one after the other', [
    acquire('a', [0, 10], 1),
    acquire('b', [5, 60], 2),
    renew('a', [20, 30], 1, 'ok'),
    release('a', [40, 50], 1, 'ok'),
    release('b', [70, 80], 2, 'ok'),
  ]);
  wrong(
    'two at a time',
    [acquire('a', [0, 10], 1), acquire('b', [5, 60], 2), renew('a', [70, 80], 1, 'ok')],
    /token 2 holds at 60\.0 beside 1/,
  );
  wrong(
    'two at a time, of whom the second was told first',
    [
      acquire('a', [0, 50], 1),
      acquire('b', [0, 10], 2),
      release('b', [60, 70], 2, 'ok'),
      release('a', [60, 70], 1, 'ok'),
    ],
    /token 1 holds at 50\.0 beside 2/,
  );
  right('the next one is told before the answer to the release', [
    acquire('a', [0, 10], 1),
    release('a', [20, 90], 1, 'ok'),
    acquire('b', [5, 30], 2),
  ]);
  right('the next one may hold after a release of which nothing is known', [
    acquire('a', [0, 10], 1),
    release('a', [20, 30], 1, 'unknown'),
    acquire('b', [5, 300], 2),
  ]);
  wrong(
    'the next one held before that release began',
    [acquire('a', [0, 10], 1), acquire('b', [5, 100], 2), release('a', [120, 130], 1, 'unknown')],
    /token 2 holds at 100\.0 beside 1/,
  );
  wrong(
    'a renewal after the release',
    [acquire('a', [0, 10], 1), release('a', [20, 30], 1, 'ok'), renew('a', [40, 50], 1, 'ok')],
    /not linearizable/,
  );
  wrong(
    'a release that does not find what was just granted',
    [acquire('a', [0, 10], 1), release('a', [20, 30], 1, 'fail')],
    /ended 9\d\d\.0 ms or more before its TTL/,
  );
  wrong(
    'two releases, both with success',
    [acquire('a', [0, 10], 1), release('a', [20, 30], 1, 'ok'), release('a', [40, 50], 1, 'ok')],
    /not linearizable/,
  );
  right('the last but one has the same name as the last', [
    acquire('a', [0, 10], 1, { value: 'me' }),
    acquire('b', [20, 30], 1, { value: 'me' }),
    release('b', [40, 50], 1, 'ok'),
    renew('a', [60, 70], 1, 'fail'),
    acquire('a', [80, 90], 2, { value: 'me' }),
  ]);
});

describe('one try', () => {
  right('is refused while another one holds', [
    acquire('a', [0, 10], 1),
    acquire('b', [20, 30], 'fail', tryOnly),
  ]);
  wrong(
    'is refused though the lock was given back',
    [
      acquire('a', [0, 10], 1),
      release('a', [20, 30], 1, 'ok'),
      acquire('b', [40, 50], 'fail', tryOnly),
    ],
    /not linearizable/,
  );
  wrong('is refused by nobody', [acquire('b', [40, 50], 'fail', tryOnly)], /not linearizable/);
  right('is refused for the sake of one whose client had left', [
    acquire('a', [0, 10], 'unknown'),
    acquire('b', [400, 500], 'fail', tryOnly),
  ]);
  right('is refused for the sake of one who was told too late', [
    acquire('a', [0, 2000], 'fail'),
    acquire('c', [0, 10], 1),
    release('c', [20, 30], 1, 'ok'),
    acquire('b', [40, 50], 'fail', tryOnly),
  ]);
  wrong(
    'is refused before the one began whose client left',
    [acquire('a', [600, 700], 'unknown'), acquire('b', [400, 500], 'fail', tryOnly)],
    /not linearizable/,
  );
  wrong(
    'is refused twice for one unseen grant, with a grant between',
    [
      acquire('a', [0, 10], 'unknown'),
      acquire('b', [20, 30], 'fail', tryOnly),
      acquire('b', [40, 50], 5),
      release('b', [60, 70], 5, 'ok'),
      acquire('b', [80, 90], 'fail', tryOnly),
    ],
    /not linearizable/,
  );
});

describe('tokens', () => {
  wrong(
    'get smaller',
    [acquire('a', [0, 10], 9), release('a', [20, 30], 9, 'ok'), acquire('b', [40, 50], 8)],
    /token 8 holds after token 9/,
  );
  wrong(
    'are given out twice',
    [acquire('a', [0, 10], 9), release('a', [20, 30], 9, 'ok'), acquire('b', [40, 50], 9)],
    /given out before/,
  );
  wrong(
    'are given out twice, under two values',
    [acquire('a', [0, 10], 9, { value: 'x' }), acquire('b', [20, 30], 9, { value: 'y' })],
    /given out before/,
  );
  wrong(
    'come back after they were gone',
    [
      acquire('a', [0, 10], 9, { value: 'x' }),
      release('a', [20, 30], 9, 'ok'),
      acquire('b', [40, 50], 9, { value: 'x' }),
    ],
    /not linearizable/,
  );
  wrong(
    'that expired may not grow less, either',
    [acquire('a', [0, 10], 9), acquire('b', [1500, 1510], 8)],
    /not linearizable/,
  );
});

describe('a TTL', () => {
  right('that is over lets the next one in', [
    acquire('a', [0, 10], 1),
    acquire('b', [5, 1005], 2),
    renew('a', [1010, 1020], 1, 'fail'),
  ]);
  wrong(
    'ends early for the next one, while its holder rests',
    [acquire('a', [0, 10], 1), acquire('b', [5, 990], 2)],
    /token 2 holds at 990\.0 beside 1/,
  );
  wrong(
    'ends early, as its holder hears',
    [acquire('a', [0, 10], 1), renew('a', [900, 990], 1, 'fail')],
    /ended 10\.0 ms or more before its TTL/,
  );
  wrong(
    'ends early, as anybody can see',
    [acquire('a', [0, 10], 1), view('b', [900, 990], [])],
    /ended 10\.0 ms or more before its TTL/,
  );
  wrong(
    'ends early after a renewal',
    [
      acquire('a', [0, 10], 1),
      renew('a', [900, 910], 1, 'ok'),
      acquire('b', [5, 1800], 2),
      renew('a', [1850, 1860], 1, 'fail'),
    ],
    /not linearizable/,
  );
  right('was perhaps cut short by a renewal that nobody answered', [
    acquire('a', [0, 10], 1),
    renew('a', [20, 30], 1, 'unknown', 100),
    acquire('b', [5, 125], 2),
  ]);
  wrong(
    'ends before even that renewal could have',
    [acquire('a', [0, 10], 1), renew('a', [20, 30], 1, 'unknown', 100), acquire('b', [5, 115], 2)],
    /not linearizable/,
  );
  wrong(
    'ends for the second in turn sooner than two TTLs can pass',
    [acquire('a', [0, 1000], 1), acquire('b', [0, 1900], 2), acquire('c', [0, 1950], 3)],
    /not linearizable/,
  );
  wrong(
    'does not end while there is a leader',
    [acquire('a', [0, 10], 1), view('b', [2600, 2610], [1])],
    /token 1 was over at 1010\.0, and holds still/,
  );
  right('ends up to a second and a half late', [
    acquire('a', [0, 10], 1),
    view('b', [2400, 2490], [1]),
    view('b', [2500, 2520], []),
  ]);
  test('right: does not end while there is no leader', () => {
    const history = [acquire('a', [0, 10], 1), view('b', [2600, 2610], [1])];
    const disturbed = { ...oneClock, calm: [{ from: 1500, to: 9000 }] };
    assert.deepEqual(checkHistory(history, disturbed), []);
  });
  test('right: ends a little early on a fast clock', () => {
    const history = [acquire('a', [0, 10], 1), acquire('b', [5, 985], 2)];
    assert.deepEqual(checkHistory(history, { ...oneClock, shortest: 0.98 }), []);
  });
});

describe('a look at the queue', () => {
  right('shows who holds and who waits', [
    acquire('a', [0, 10], 1),
    acquire('b', [5, 60], 2),
    view('c', [20, 30], [1], [2]),
    release('a', [40, 50], 1, 'ok'),
    view('c', [70, 80], [2]),
  ]);
  wrong(
    'shows a holder who has released',
    [acquire('a', [0, 10], 1), release('a', [20, 30], 1, 'ok'), view('c', [40, 50], [1])],
    /not linearizable/,
  );
  wrong(
    'shows the next holder, and then the one before',
    [
      acquire('a', [0, 10], 1),
      release('a', [20, 90], 1, 'ok'),
      acquire('b', [5, 90], 2),
      view('c', [30, 40], [2]),
      view('c', [50, 60], [1], [2]),
    ],
    /not linearizable/,
  );
  right('shows one whose client had left', [
    acquire('a', [0, 10], 'unknown', { value: 'me' }),
    view('c', [20, 30], ['4 me']),
    view('c', [40, 50], []),
  ]);
  right('shows one whose client had left, and not another whose client gave up soon', [
    acquire('h', [0, 10], 1),
    acquire('a', [5, 400], 'unknown'),
    acquire('b', [5, 60], 'fail'),
    release('h', [20, 30], 1, 'ok'),
    view('c', [40, 50], [4]),
    view('c', [70, 80], [4]),
  ]);
  wrong(
    'shows one that nobody asked for',
    [acquire('a', [0, 10], 'unknown', { value: 'me' }), view('c', [20, 30], ['4 you'])],
    /not linearizable/,
  );
  wrong(
    'shows one again who was gone, and had left',
    [
      acquire('a', [0, 10], 'unknown', { value: 'me' }),
      view('c', [20, 30], ['4 me']),
      view('c', [40, 50], []),
      view('c', [60, 70], ['4 me']),
    ],
    /not linearizable/,
  );
  wrong(
    'shows a queue out of order',
    [acquire('a', [0, 10], 'unknown'), view('c', [20, 30], [5], [4])],
    /out of order/,
  );
  wrong(
    'shows that all wait',
    [acquire('a', [0, 10], 'unknown'), view('c', [20, 30], [], [4])],
    /all wait/,
  );
});

describe('who comes first', () => {
  wrong(
    'is overtaken by one who asked when it was seen in the queue',
    [
      acquire('a', [0, 10], 1),
      acquire('b', [5, 300], 7),
      view('c', [20, 30], [1], ['7']),
      acquire('d', [40, 90], 6),
      release('a', [50, 60], 1, 'ok'),
      release('d', [100, 110], 6, 'ok'),
    ],
    /it came later than queue entry 7/,
  );
  wrong(
    'waits still when one who came later has held',
    [
      acquire('a', [0, 10], 1),
      acquire('b', [5, 300], 'unknown'),
      release('a', [20, 30], 1, 'ok'),
      acquire('d', [40, 50], 9),
      view('c', [60, 70], [9], [5]),
    ],
    /queue entry 5 still waits, though 9 held/,
  );
  right('may be joined by one who comes later, with its value', [
    acquire('a', [0, 10], 1),
    acquire('b', [5, 100], 7, { value: 'me' }),
    acquire('e', [6, 120], 8),
    view('c', [20, 30], [1], ['7 me', '8']),
    acquire('d', [40, 90], 7, { value: 'me' }),
    release('a', [50, 60], 1, 'ok'),
    release('d', [95, 115], 7, 'ok'),
  ]);
});

test('a history that cannot be decided in time is not right', () => {
  const history = Array.from({ length: 6 }, (_, at) => acquire(`c${at}`, [0, 9], 'fail', tryOnly));
  const faults = checkHistory([...history, acquire('h', [0, 9], 1)], { ...oneClock, stepsMax: 3 });
  assert.match(faults.join(), /not known to be linearizable/);
});

test('locks of other names have nothing to do with each other', () => {
  const other = { ...acquire('b', [20, 30], 1), lock: 'b' };
  assert.deepEqual(checkHistory([acquire('a', [0, 10], 9), other], oneClock), []);
});
