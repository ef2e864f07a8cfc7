import assert from 'node:assert/strict';
import test from 'node:test';
import type { LockSpace } from '../../../src/command/lock-path.js';
import type { HistogramCounts } from '../../../src/histogram.js';
import { acquire, release } from '../commands.js';
import { Log, memberA } from '../log.js';

function statistics(log: Log, space: LockSpace = 'lock') {
  return log.machine.locks.statistics(space);
}

function total({ counts }: HistogramCounts): number {
  return counts.reduce((all, one) => all + one, 0);
}

test('acquires are counted as those that hold, wait, or are refused, and joining is none', () => {
  const log = Log.empty();
  log.from(memberA, acquire('job', 'a'));
  log.from(memberA, acquire('job', 'a'));
  log.from(memberA, acquire('job', 'b'));
  log.from(memberA, acquire('job', 'c', { tryOnly: true }));
  log.from(memberA, acquire('job', 'd', { space: 'leader' }));
  assert.deepEqual(statistics(log).acquires, { held: 1, waits: 1, refused: 1 });
  assert.deepEqual(statistics(log, 'leader').acquires, { held: 1, waits: 0, refused: 0 });
});

test('each grant has a wait, and each end a hold and its reason', () => {
  const log = Log.empty();
  log.from(memberA, acquire('job', 'a'));
  log.from(memberA, acquire('job', 'b'));
  log.from(memberA, acquire('job', 'c'));
  log.clusterTimeMs += 3000;
  log.apply(release('job', { value: 'a' }));
  log.clusterTimeMs += 200;
  log.apply({ ...release('job', { value: 'b' }), forced: true });
  const { waits, holds, ended } = statistics(log);
  assert.deepEqual([total(waits), waits.sum], [3, 0 + 3000 + 3200]);
  assert.deepEqual([total(holds), holds.sum], [2, 3000 + 200]);
  assert.deepEqual(ended, { released: 1, expired: 0, forced: 1 });
});
