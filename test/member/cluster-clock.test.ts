import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterClock } from '../../src/member/cluster-clock.js';
import { ManualClock } from '../support/manual-clock.js';

test('the cluster clock goes on from what the log shows, at the speed of the own clock', () => {
  const clock = new ManualClock(1_000_000);
  const clusterClock = new ClusterClock(clock);
  clusterClock.restartFrom(500);
  clock.advance(20);
  assert.deepEqual(clusterClock.stamp(7), { clusterTimeMs: 520, appliedIndex: 7 });
});

test('a later stamp found in the log moves the cluster clock forward, an earlier one never back', () => {
  const clock = new ManualClock(0);
  const clusterClock = new ClusterClock(clock);
  clusterClock.restartFrom(500);
  clock.advance(100);
  clusterClock.continueFrom(550);
  assert.equal(clusterClock.stamp(0).clusterTimeMs, 600);
  clusterClock.continueFrom(900);
  clock.advance(1);
  assert.equal(clusterClock.stamp(0).clusterTimeMs, 901);
});

test('a new term forgets what the clock showed in an earlier one', () => {
  const clock = new ManualClock(0);
  const clusterClock = new ClusterClock(clock);
  clusterClock.restartFrom(0);
  clock.advance(10_000);
  clusterClock.restartFrom(300);
  assert.equal(clusterClock.stamp(0).clusterTimeMs, 300);
});
