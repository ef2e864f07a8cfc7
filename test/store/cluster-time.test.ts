import assert from 'node:assert/strict';
import test from 'node:test';
import { ClusterTime } from '../../src/store/cluster-time.js';

test('a time on the cluster’s clock is shown where it lies on the member’s own', () => {
  const time = new ClusterTime();
  time.advance(100, 5100);
  assert.deepEqual([time.ms, time.onMemberClock(40)], [100, 5040]);
});

test('an entry that is applied a little late moves nothing, and one that is early does', () => {
  const time = new ClusterTime();
  time.advance(100, 5100);
  time.advance(200, 5350);
  assert.equal(time.onMemberClock(100), 5100);
  time.advance(300, 5290);
  assert.equal(time.onMemberClock(100), 5090);
});

test('while nobody led, the cluster’s clock stood still', () => {
  const time = new ClusterTime();
  time.advance(100, 5100);
  time.advance(110, 9110);
  assert.equal(time.onMemberClock(110), 9110);
});

test('an older stamp does not turn the clock back', () => {
  const time = new ClusterTime();
  time.advance(100, 5100);
  time.advance(90, 5110);
  assert.deepEqual([time.ms, time.onMemberClock(100)], [100, 5100]);
});

test('a restored state is as old as its snapshot', () => {
  const time = new ClusterTime();
  time.advance(100, 5100);
  time.restore(50, 7000);
  assert.deepEqual([time.ms, time.onMemberClock(50)], [50, 7000]);
});
