import { describe } from 'node:test';
import { acquire, release, renew, view } from './build.js';
import type { Claim } from './operation.js';
import { right, wrong } from './verdicts.js';

const back = (place: number) => ({ place });
const reader: Claim = { mode: 'shared', limit: 1 };
const upToTwo: Claim = { mode: 'exclusive', limit: 2 };

describe('who was told that its place is kept', () => {
  right('comes back to it, waits there, and holds it in its turn', [
    acquire('a', [0, 10], 1),
    acquire('b', [20, 120], { kept: 4 }),
    acquire('c', [30, 400], 6),
    acquire('b', [130, 230], { kept: 4 }, back(4)),
    acquire('b', [240, 300], 4, back(4)),
    release('a', [250, 260], 1, 'ok'),
    release('b', [310, 320], 4, 'ok'),
  ]);
  right('finds that it held meanwhile, as others were told', [
    acquire('a', [0, 10], 1),
    acquire('b', [20, 120], { kept: 4 }),
    release('a', [130, 140], 1, 'ok'),
    acquire('c', [150, 160], 'fail', { tryOnly: true }),
    view('c', [170, 180], [4]),
    acquire('b', [190, 200], 4, back(4)),
    acquire('c', [210, 220], 'fail', { tryOnly: true }),
  ]);
  right('finds that it held meanwhile, beside others who came later', [
    acquire('w', [0, 10], 1),
    acquire('a', [20, 120], { kept: 4 }, { claim: reader }),
    acquire('b', [30, 160], 5, { claim: reader }),
    release('w', [130, 140], 1, 'ok'),
    acquire('a', [300, 310], 4, { claim: reader, ...back(4) }),
  ]);
  right('comes too late, when its TTL is over', [
    acquire('a', [0, 10], 1, { ttlMs: 9000 }),
    acquire('b', [20, 120], { kept: 4 }),
    acquire('b', [1300, 1310], 'removed', back(4)),
    acquire('c', [1320, 1330], 'fail', { tryOnly: true }),
  ]);
  right('leaves it for one who comes later', [
    acquire('a', [0, 10], 1),
    acquire('b', [20, 120], { kept: 4 }),
    acquire('b', [130, 230], 'fail', back(4)),
    release('a', [240, 250], 1, 'ok'),
    acquire('c', [260, 270], 9),
  ]);
  wrong(
    'comes back to another place',
    [
      acquire('a', [0, 10], 1),
      acquire('b', [20, 120], { kept: 4 }),
      acquire('b', [130, 230], { kept: 7 }, back(4)),
    ],
    /another place than its own/,
  );
  wrong(
    'holds with another place',
    [
      acquire('a', [0, 10], 1),
      acquire('b', [20, 120], { kept: 4 }),
      release('a', [130, 140], 1, 'ok'),
      acquire('b', [150, 160], 5, back(4)),
    ],
    /another place than its own/,
  );
  wrong(
    'does not find it, long before its TTL ends',
    [
      acquire('a', [0, 10], 1),
      acquire('b', [20, 120], { kept: 4 }),
      acquire('b', [130, 140], 'removed', back(4)),
    ],
    /gone 880\.0 ms or more before its TTL ended/,
  );
  right('does not find it, since somebody removed it', [
    acquire('a', [0, 10], 1),
    acquire('b', [20, 120], { kept: 4 }),
    release('c', [125, 128], 4, 'ok'),
    acquire('b', [130, 140], 'removed', back(4)),
  ]);
  wrong(
    'does not find it, since an earlier request of its own left it late',
    [
      acquire('a', [0, 10], 1),
      acquire('b', [12, 18], 'unknown', { value: 'me' }),
      acquire('b', [20, 120], { kept: 4 }, { value: 'me' }),
      acquire('b', [130, 140], 'removed', { value: 'me', ...back(4) }),
    ],
    /gone 880\.0 ms or more before its TTL ended/,
  );
  right('does not find it, since it held for a shorter TTL of its own', [
    acquire('a', [0, 10], 1),
    acquire('b', [20, 120], { kept: 4 }),
    release('a', [125, 128], 1, 'ok'),
    renew('b', [130, 140], 4, 'ok', 50),
    acquire('b', [300, 310], 'removed', back(4)),
  ]);
  wrong(
    'is overtaken while it is away',
    [
      acquire('a', [0, 10], 1),
      acquire('b', [20, 120], { kept: 4 }),
      release('a', [130, 140], 1, 'ok'),
      acquire('c', [150, 160], 6),
      release('c', [170, 180], 6, 'ok'),
      acquire('b', [190, 200], 4, back(4)),
    ],
    /token 4 holds after token 6/,
  );
  wrong(
    'waits still when one who came later has held',
    [
      acquire('a', [0, 10], 1),
      acquire('b', [20, 120], { kept: 4 }),
      release('a', [130, 140], 1, 'ok'),
      acquire('c', [150, 160], 6),
      acquire('b', [170, 270], { kept: 4 }, back(4)),
    ],
    /queue entry 4 still waits, though 6 held/,
  );
  wrong(
    'has a place before one who asked when that one was known',
    [
      acquire('a', [0, 10], 1),
      acquire('b', [20, 120], { kept: 7 }),
      acquire('c', [130, 300], 6),
      release('a', [140, 150], 1, 'ok'),
    ],
    /it came later than queue entry 7/,
  );
  wrong(
    'is told to wait though nobody holds',
    [
      acquire('a', [0, 10], 1),
      release('a', [20, 30], 1, 'ok'),
      acquire('b', [40, 140], { kept: 4 }),
    ],
    /not linearizable/,
  );
  wrong(
    'keeps others from holding once it left',
    [
      acquire('a', [0, 10], 1),
      acquire('b', [20, 120], { kept: 4 }),
      acquire('b', [130, 140], 'fail', back(4)),
      release('a', [150, 160], 1, 'ok'),
      acquire('c', [170, 180], 'fail', { tryOnly: true }),
    ],
    /not linearizable/,
  );
  wrong(
    'holds twice in its one place',
    [
      acquire('a', [0, 10], 1),
      acquire('b', [20, 120], { kept: 4 }),
      release('a', [130, 140], 1, 'ok'),
      acquire('b', [150, 160], 4, back(4)),
      release('b', [170, 180], 4, 'ok'),
      view('c', [190, 200], [4]),
    ],
    /not linearizable/,
  );
  wrong(
    'holds twice in its one place, where two may hold together',
    [
      acquire('a', [0, 10], 1, { claim: upToTwo }),
      acquire('c', [0, 10], 2, { claim: upToTwo }),
      acquire('b', [20, 120], { kept: 4 }, { claim: upToTwo }),
      release('a', [130, 140], 1, 'ok'),
      acquire('b', [150, 160], 4, { claim: upToTwo, ...back(4) }),
      release('b', [170, 180], 4, 'ok'),
      view('d', [190, 200], [2, 4]),
    ],
    /not linearizable/,
  );
});
