import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { register } from '../store/commands.js';
import { settle } from '../support/settle.js';
import { LockBench, requestTimeoutMs } from './lock-host.js';

const bar = { value: 'bar', ttlMs: 10_000 };
const kept = { ...bar, timeoutMs: 5_000, keepsPlace: true };

/** The lock is held, and `bar` waits in front of another. */
async function queue(options: Parameters<LockBench['queued']>[0]) {
  const bench = new LockBench();
  const holder = await bench.held({});
  const waiter = await bench.queued(options);
  await bench.queued({ value: 'behind' });
  return { bench, holder, waiter };
}

function indexes(bench: LockBench): readonly number[] {
  return bench.queue.map(({ index }) => index);
}

describe('a request that keeps its place', () => {
  test('finds it again when its time is over, any number of times', async () => {
    const { bench, holder, waiter } = await queue(kept);
    await bench.advance(5_000);
    assert.deepEqual(await waiter.outcome, { type: 'timedOut', index: 2 });
    for (let rounds = 0; rounds < 5; rounds += 1) {
      await bench.advance(4_000);
      const again = await bench.queued(rounds % 2 === 0 ? kept : { ...kept, value: '', index: 2 });
      await bench.advance(5_000);
      assert.deepEqual(await again.outcome, { type: 'timedOut', index: 2 });
      assert.deepEqual(indexes(bench), [1, 2, 3]);
    }
    const last = await bench.queued(kept);
    await bench.release(holder);
    const outcome = await last.outcome;
    assert.equal(outcome.type === 'held' && outcome.index, 2);
  });

  test('leaves it behind for its TTL when its client is gone', async () => {
    const { bench, waiter } = await queue(kept);
    waiter.leave();
    await bench.pendingCancels.settled();
    assert.deepEqual(indexes(bench), [1, 2, 3]);
    await bench.advance(10_001);
    assert.deepEqual(indexes(bench), [1, 3]);
  });

  test('keeps it also when no leader has confirmed in time that it is back', async () => {
    const { bench, waiter } = await queue(kept);
    await bench.advance(5_000);
    await waiter.outcome;
    bench.coordinator.hold();
    const again = bench.attempt(kept);
    await bench.advance(requestTimeoutMs);
    assert.deepEqual(await again.outcome, { type: 'unavailable', index: undefined });
    bench.coordinator.resume();
    await bench.pendingCancels.settled();
    assert.deepEqual(indexes(bench), [1, 2, 3]);
  });
});

test('a member that crashes and starts at once keeps the places of who asked for that, and no other', async () => {
  const { bench } = await queue(kept);
  const { memberId } = bench.coordinator;
  const origin = { memberId, boot: 2, sequence: 1, settledBelow: 1 };
  bench.coordinator.applyAs(origin, register('incarnation'));
  assert.deepEqual(indexes(bench), [1, 2]);
});

describe('a member that stops', () => {
  test('leaves the place of who waits, which is found by its value at another member', async () => {
    const { bench, holder, waiter } = await queue(bar);
    waiter.stop();
    assert.deepEqual(await waiter.outcome, { type: 'handedOver', index: 2 });
    assert.deepEqual(indexes(bench), [1, 2, 3]);
    const again = await bench.queued(bar);
    await bench.release(holder);
    const outcome = await again.outcome;
    assert.equal(outcome.type === 'held' && outcome.index, 2);
  });

  test('leaves the place of who gave no value, which is found by its index', async () => {
    const { bench, waiter } = await queue({ ttlMs: 10_000 });
    waiter.stop();
    assert.deepEqual(await waiter.outcome, { type: 'handedOver', index: 2 });
    await bench.queued({ index: 2, ttlMs: 10_000 });
    await bench.advance(10_001);
    assert.deepEqual(indexes(bench), [1, 2, 3]);
  });

  test('leaves a place for its TTL only', async () => {
    const { bench, waiter } = await queue(bar);
    waiter.stop();
    await waiter.outcome;
    await bench.advance(9_999);
    assert.deepEqual(indexes(bench), [1, 2, 3]);
    await bench.advance(2);
    assert.deepEqual(indexes(bench), [1, 3]);
  });

  test('takes no place away from who comes back to it in that moment', async () => {
    const { bench, waiter } = await queue(bar);
    waiter.stop();
    await waiter.outcome;
    bench.coordinator.hold();
    const again = bench.attempt(bar);
    again.stop();
    assert.deepEqual(await again.outcome, { type: 'abandoned' });
    bench.coordinator.resume();
    await bench.pendingCancels.settled();
    assert.deepEqual(indexes(bench), [1, 2, 3]);
  });

  test('answers in time without a leader, as a member that is killed', async () => {
    const { bench, waiter } = await queue(bar);
    bench.coordinator.hold();
    waiter.stop();
    await settle();
    await bench.advance(requestTimeoutMs);
    assert.deepEqual(await waiter.outcome, { type: 'handedOver', index: 2 });
  });
});

describe('without a leader a request with a timeout is answered within its own time', () => {
  test('when it has not reached the queue', async () => {
    const bench = new LockBench();
    bench.coordinator.hasLeader = false;
    const attempt = await bench.queued({ timeoutMs: 1_000 });
    bench.clock.advance(1_000);
    assert.deepEqual(await attempt.outcome, { type: 'unavailable', index: undefined });
  });

  test('when it waits in the queue', async () => {
    const { bench, waiter } = await queue({ ...bar, timeoutMs: 5_000 });
    bench.coordinator.hasLeader = false;
    bench.clock.advance(5_000);
    await settle();
    bench.clock.advance(0);
    assert.deepEqual(await waiter.outcome, { type: 'unavailable', index: 2 });
  });
});

test('a timeout ends the wait for the confirmation of an old grant', async () => {
  const bench = new LockBench();
  const holder = await bench.held({ ttlMs: 60_000 });
  const waiter = await bench.queued({ ttlMs: 10_000, timeoutMs: 12_000 });
  await bench.advance(9_000);
  bench.coordinator.holdReads();
  await bench.release(holder);
  await bench.advance(2_999);
  assert.equal(waiter.ended(), undefined);
  await bench.advance(1);
  assert.deepEqual(waiter.ended(), { type: 'unavailable', index: 2 });
  await bench.pendingCancels.settled();
  assert.deepEqual(indexes(bench), []);
});
