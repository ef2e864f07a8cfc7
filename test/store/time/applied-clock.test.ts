import assert from 'node:assert/strict';
import test from 'node:test';
import { AppliedClock } from '../../../src/store/time/applied-clock.js';

test('a time on the cluster’s clock is shown where it lies on the member’s own', () => {
  const clock = new AppliedClock();
  clock.advance(100, 5100);
  assert.deepEqual([clock.ms, clock.onMemberClock(40)], [100, 5040]);
});

test('an entry that is applied a little late moves nothing, and one that is early does', () => {
  const clock = new AppliedClock();
  clock.advance(100, 5100);
  clock.advance(200, 5350);
  assert.equal(clock.onMemberClock(100), 5100);
  clock.advance(300, 5290);
  assert.equal(clock.onMemberClock(100), 5090);
});

test('while nobody led, the cluster’s clock stood still', () => {
  const clock = new AppliedClock();
  clock.advance(100, 5100);
  clock.advance(110, 9110);
  assert.equal(clock.onMemberClock(110), 9110);
});

test('an older stamp does not turn the clock back', () => {
  const clock = new AppliedClock();
  clock.advance(100, 5100);
  clock.advance(90, 5110);
  assert.deepEqual([clock.ms, clock.onMemberClock(100)], [100, 5100]);
});

test('a restored state is as old as its snapshot', () => {
  const clock = new AppliedClock();
  clock.advance(100, 5100);
  clock.restore(50, 7000);
  assert.deepEqual([clock.ms, clock.onMemberClock(50)], [50, 7000]);
});
