import { describe } from 'node:test';
import { acquire, release, renew, view } from './build.js';
import { alone, type Claim } from './operation.js';
import { right, wrong } from './verdicts.js';

const shared: Claim = { mode: 'shared', limit: 1 };
const upToTwo: Claim = { mode: 'exclusive', limit: 2 };
const tryOnly = { tryOnly: true };

describe('those who may hold together', () => {
  const reader = { claim: shared };
  const second = { claim: upToTwo };
  right('readers', [
    acquire('a', [0, 10], 1, reader),
    acquire('b', [20, 30], 2, reader),
    renew('a', [40, 50], 1, 'ok'),
    renew('b', [40, 50], 2, 'ok'),
  ]);
  wrong(
    'but no writer beside them',
    [
      acquire('a', [0, 10], 1, reader),
      acquire('b', [20, 30], 2, reader),
      acquire('c', [25, 60], 3),
      renew('a', [70, 80], 1, 'ok'),
    ],
    /token 3 holds at 60\.0 beside 1/,
  );
  wrong(
    'nor a reader beside a writer',
    [acquire('a', [0, 10], 1), acquire('b', [20, 30], 2, reader), renew('a', [70, 80], 1, 'ok')],
    /token 2 holds at 30\.0 beside 1/,
  );
  right('up to the limit', [
    acquire('a', [0, 10], 1, second),
    acquire('b', [20, 30], 2, second),
    acquire('c', [40, 50], 'fail', { ...second, ...tryOnly }),
    release('a', [60, 70], 1, 'ok'),
    acquire('c', [80, 90], 3, second),
    view('d', [100, 110], [2, 3]),
  ]);
  right('and one may be joined who has held for long, unseen', [
    acquire('a', [0, 10], 'unknown', { ...second, value: 'me' }),
    acquire('b', [20, 30], 7, second),
    acquire('c', [40, 50], 8, second),
    acquire('a', [2000, 2010], 5, { ...second, value: 'me' }),
  ]);
  wrong(
    'and none more',
    [
      acquire('a', [0, 10], 1, second),
      acquire('b', [20, 30], 2, second),
      acquire('c', [40, 50], 3, second),
    ],
    /token 3 holds at 50\.0 beside 1 .* 2/,
  );
  right('and a reader whose earlier self has left as a writer', [
    acquire('a', [0, 10], 'unknown', { value: 'me' }),
    acquire('b', [20, 30], 'fail', { ...reader, ...tryOnly }),
    acquire('a', [40, 50], 4, { ...reader, value: 'me' }),
    acquire('c', [60, 70], 5, reader),
    renew('a', [80, 90], 4, 'ok'),
  ]);
  for (const [first, then] of [[alone, shared] as const, [shared, alone] as const]) {
    right(`and one of two whose clients had left, the first of them ${first.mode}`, [
      acquire('a', [0, 10], 'unknown', { claim: first }),
      acquire('b', [0, 10], 'unknown', { claim: then }),
      view('c', [20, 30], [4]),
      view('c', [40, 50], []),
      view('c', [60, 70], [5]),
      renew('c', [80, 90], 5, 'ok'),
      acquire('d', [100, 110], 6, reader),
    ]);
  }
  right('and many whose clients had left, of whom two explain a refusal', [
    ...Array.from({ length: 16 }, (_, one) =>
      acquire(`alone${one}`, [0, 10], 'unknown', { value: `${one}` }),
    ),
    acquire('a', [0, 10], 'unknown', second),
    acquire('b', [0, 10], 'unknown', second),
    acquire('c', [20, 30], 'fail', { ...second, ...tryOnly }),
  ]);
  wrong(
    'but a reader does not join a place that holds as a writer',
    [
      acquire('a', [0, 10], 4, { value: 'me' }),
      acquire('b', [20, 30], 4, { ...reader, value: 'me' }),
    ],
    /not linearizable/,
  );
  wrong(
    'nor does one who asks for another limit',
    [
      acquire('a', [0, 10], 4, { value: 'me' }),
      acquire('b', [20, 30], 4, { ...second, value: 'me' }),
    ],
    /not linearizable/,
  );
  wrong(
    'nor a reader the place of a writer whose client had left',
    [
      acquire('a', [0, 10], 'unknown', { value: 'me' }),
      view('c', [20, 30], ['4 me']),
      acquire('b', [40, 50], 4, { ...reader, value: 'me' }),
    ],
    /not linearizable/,
  );
  wrong(
    'and none is refused before it is reached',
    [acquire('a', [0, 10], 1, second), acquire('c', [40, 50], 'fail', { ...second, ...tryOnly })],
    /not linearizable/,
  );
});
