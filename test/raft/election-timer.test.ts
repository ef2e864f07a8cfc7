import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ElectionTimer } from '../../src/raft/election-timer.js';

function timerOf(draws: readonly number[]) {
  let drawn = 0;
  const timer = new ElectionTimer(10, () => draws[drawn++] ?? assert.fail('drawn too often'));
  return { timer, drawn: () => drawn };
}

function ticksUntilExpired(timer: ElectionTimer): number {
  let ticks = 0;
  for (; !timer.expired; ticks += 1) timer.tick();
  return ticks;
}

test('the timeout lies between one and two election timeouts', () => {
  assert.equal(ticksUntilExpired(timerOf([0]).timer), 10);
  assert.equal(ticksUntilExpired(timerOf([0.999]).timer), 19);
});

test('a leader that is heard starts the count anew, and draws nothing', () => {
  const { timer, drawn } = timerOf([0.5]);
  for (let tick = 0; tick < 14; tick += 1) timer.tick();
  assert.equal(timer.expired, false);
  timer.leaderHeard();
  assert.equal(ticksUntilExpired(timer), 15);
  assert.equal(drawn(), 1);
});

test('a timeout shortened for a lost leader is in full again once a leader is heard', () => {
  const { timer } = timerOf([0.5, 0, 0.9]);
  timer.shorten();
  timer.leaderHeard();
  assert.equal(ticksUntilExpired(timer), 19);
});

test('a shortened timeout is a fifth of the election timeout at most', () => {
  const { timer } = timerOf([0.5, 0.999]);
  timer.shorten();
  assert.equal(ticksUntilExpired(timer), 2);
});
