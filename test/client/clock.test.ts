import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SystemClock } from '../../src/client/index.js';

describe('the clock', () => {
  const times = { monotonic: 1000, wall: 5_000_000 };
  const clock = new SystemClock(
    () => times.monotonic,
    () => times.wall,
  );
  const elapsed = (monotonicMs: number, wallMs: number): number => {
    const before = clock.now();
    times.monotonic += monotonicMs;
    times.wall += wallMs;
    return clock.now() - before;
  };

  test('counts while the machine sleeps, when the monotonic one stands still', () => {
    assert.equal(elapsed(10, 60_010), 60_010);
    assert.equal(elapsed(10, 10), 10, 'and the sleep once');
  });

  test('does not mind that both are rounded, nor add that up', () => {
    let sum = 0;
    for (let times = 0; times < 1000; times += 1) sum += elapsed(0.4, 1);
    assert.equal(Math.round(sum), 400);
  });

  test('goes on when the wall clock is set back', () => {
    assert.equal(elapsed(10, -3_600_000), 10);
    assert.equal(elapsed(10, 10), 10);
  });
});
