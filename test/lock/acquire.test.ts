import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settle } from '../support/settle.js';
import { LockBench, requestTimeoutMs } from './lock-host.js';

describe('a grant', () => {
  test('comes at once when nobody holds', async () => {
    const bench = new LockBench();
    const index = await bench.held({});
    assert.deepEqual(
      bench.queue.map((entry) => entry.index),
      [index],
    );
  });

  test('comes in the order of the queue, one at a time', async () => {
    const bench = new LockBench();
    const first = await bench.held({});
    const waiters = [];
    for (let count = 0; count < 5; count += 1) waiters.push(await bench.queued({}));
    let holder = first;
    for (const [position, waiter] of waiters.entries()) {
      assert.deepEqual(
        waiters.map(({ ended }) => ended()?.type),
        waiters.map((_, other) => (other < position ? 'held' : undefined)),
      );
      await bench.release(holder);
      const outcome = await waiter.outcome;
      assert(outcome.type === 'held');
      assert(outcome.index > holder, 'the token grows');
      holder = outcome.index;
    }
  });

  test('does not come because the holder renews', async () => {
    const bench = new LockBench();
    const holder = await bench.held({});
    const waiter = await bench.queued({});
    for (let count = 0; count < 100; count += 1) await bench.renew(holder, 60_000);
    assert.equal(waiter.ended(), undefined);
  });

  test('does not come because somebody ahead in the queue leaves, in whatever order', async () => {
    const bench = new LockBench();
    await bench.held({});
    const waiters = [];
    for (let count = 0; count < 4; count += 1) waiters.push(await bench.queued({}));
    for (const leaver of [2, 0, 1]) {
      waiters[leaver]?.leave();
      await bench.pendingCancels.settled();
      assert.equal(waiters[3]?.ended(), undefined);
    }
    assert.equal(bench.queue.length, 2);
  });

  test('comes when the TTL of the holder is over, and not before', async () => {
    const bench = new LockBench();
    await bench.held({ ttlMs: 10_000 });
    const waiter = await bench.queued({});
    await bench.advance(9_999);
    assert.equal(waiter.ended(), undefined);
    await bench.advance(2);
    assert.equal(waiter.ended()?.type, 'held');
  });

  test('gives a waiter its TTL in full, however long it waited', async () => {
    const bench = new LockBench();
    const holder = await bench.held({ ttlMs: 50_000 });
    const waiter = await bench.queued({ ttlMs: 10_000 });
    await bench.advance(40_000);
    await bench.release(holder);
    assert.equal((await waiter.outcome).type, 'held');
    await bench.advance(9_999);
    assert.equal(bench.queue.length, 1);
    await bench.advance(2);
    assert.equal(bench.queue.length, 0);
  });
});

describe('the same value', () => {
  test('is one queue entry, and all who wait on it return together with one index', async () => {
    const bench = new LockBench();
    const holder = await bench.held({});
    const one = await bench.queued({ value: 'bar' });
    const other = await bench.queued({ value: 'bar' });
    assert.equal(bench.queue.length, 2);
    await bench.release(holder);
    const outcomes = [await one.outcome, await other.outcome];
    assert.deepEqual(
      outcomes.map((outcome) => outcome.type === 'held' && outcome.index),
      bench.queue.map(({ index }) => index).flatMap((index) => [index, index]),
    );
  });

  test('keeps its queue entry until all its requests are gone', async () => {
    const bench = new LockBench();
    await bench.held({});
    const one = await bench.queued({ value: 'bar' });
    const other = await bench.queued({ value: 'bar' });
    one.leave();
    await bench.pendingCancels.settled();
    assert.equal(bench.queue.length, 2);
    assert.equal(other.ended(), undefined);
    other.leave();
    await settle();
    await bench.pendingCancels.settled();
    assert.equal(bench.queue.length, 1);
  });

  test('returns at once when it holds already, and renews', async () => {
    const bench = new LockBench();
    const index = await bench.held({ value: 'bar', ttlMs: 10_000 });
    await bench.advance(9_000);
    assert.equal(await bench.held({ value: 'bar', ttlMs: 10_000 }), index);
    await bench.advance(9_000);
    assert.equal(bench.queue.length, 1);
  });

  test('may be asked for again by a client that did not hear the answer', async () => {
    const bench = new LockBench();
    const index = await bench.held({ value: 'bar' });
    const again = bench.attempt({ value: 'bar' });
    again.leave();
    await settle();
    await bench.pendingCancels.settled();
    assert.deepEqual(
      bench.queue.map((entry) => entry.index),
      [index],
      'who joined the holder and left does not release it',
    );
  });
});

describe('a timeout', () => {
  test('of zero is one try that leaves nothing behind', async () => {
    const bench = new LockBench();
    await bench.held({});
    const outcome = await bench.attempt({ timeoutMs: 0 }).outcome;
    assert(outcome.type === 'refused');
    assert.equal(outcome.error.errorCode, 111);
    assert.equal(bench.queue.length, 1);
  });

  test('of zero takes a free lock', async () => {
    const bench = new LockBench();
    await bench.held({ timeoutMs: 0 });
    assert.equal(bench.queue.length, 1);
  });

  test('leaves nothing in the queue', async () => {
    const bench = new LockBench();
    await bench.held({});
    const waiter = await bench.queued({ timeoutMs: 5_000 });
    await bench.advance(4_999);
    assert.equal(waiter.ended(), undefined);
    await bench.advance(1);
    assert.deepEqual(await waiter.outcome, { type: 'timedOut', index: 2 });
    assert.equal(bench.queue.length, 1);
  });

  test('counts from the request, not from when it entered the queue', async () => {
    const bench = new LockBench();
    await bench.held({});
    bench.coordinator.hold();
    const waiter = bench.attempt({ timeoutMs: 5_000 });
    bench.clock.advance(2_000);
    bench.coordinator.resume();
    await settle();
    await bench.advance(3_000);
    assert.deepEqual(await waiter.outcome, { type: 'timedOut', index: 2 });
  });

  test('is cut short when nobody can confirm the request, which then leaves nothing behind', async () => {
    for (const timeoutMs of [0, 5_000, Number.POSITIVE_INFINITY]) {
      const bench = new LockBench();
      bench.coordinator.hold();
      const asked = bench.attempt({ timeoutMs });
      await settle();
      assert.equal(asked.ended(), undefined);
      bench.coordinator.loseQuorum();
      assert.deepEqual(await asked.outcome, { type: 'unavailable', index: undefined });
      bench.coordinator.resume();
      await bench.pendingCancels.settled();
      assert.deepEqual(bench.queue, []);
    }
  });

  test('that loses the race with the grant is answered with the lock', async () => {
    const bench = new LockBench();
    const holder = await bench.held({});
    const waiter = await bench.queued({ timeoutMs: 5_000 });
    bench.coordinator.hold();
    const released = bench.release(holder);
    await bench.advance(5_000);
    assert.equal(bench.coordinator.waiting, 2, 'the release, then the leave');
    bench.coordinator.resume();
    await released;
    assert.equal((await waiter.outcome).type, 'held');
    assert.equal(bench.queue.length, 1);
  });

  test('that wins the race with the grant leaves the lock to the next', async () => {
    const bench = new LockBench();
    const holder = await bench.held({});
    const waiter = await bench.queued({ timeoutMs: 5_000 });
    const next = await bench.queued({});
    bench.coordinator.hold();
    await bench.advance(5_000);
    const released = bench.release(holder);
    bench.coordinator.resume();
    await released;
    assert.deepEqual(await waiter.outcome, { type: 'timedOut', index: 2 });
    assert.equal((await next.outcome).type, 'held');
  });

  test('whose cancel finds no leader is answered in time, and the lock is not kept', async () => {
    const bench = new LockBench();
    const holder = await bench.held({});
    const waiter = await bench.queued({ timeoutMs: 5_000 });
    bench.coordinator.hold();
    const released = bench.release(holder);
    await bench.advance(5_000);
    await bench.advance(requestTimeoutMs);
    assert.deepEqual(await waiter.outcome, { type: 'unavailable', index: 2 });
    bench.coordinator.resume();
    await released;
    await bench.pendingCancels.settled();
    assert.deepEqual(bench.queue, [], 'granted, kept by the first leave, given up by the second');
  });
});

describe('a queue entry that is gone', () => {
  test('ends the wait for it', async () => {
    const bench = new LockBench();
    await bench.held({});
    const waiter = await bench.queued({});
    const [, entry] = bench.queue;
    assert(entry !== undefined);
    await bench.release(entry.index);
    assert.deepEqual(await waiter.outcome, { type: 'removed', index: entry.index });
  });

  test('before its request could see the grant is not answered as a lock', async () => {
    const bench = new LockBench();
    const holder = await bench.held({});
    const waiter = await bench.queued({ value: 'bar' });
    bench.coordinator.hold();
    const released = bench.release(holder);
    const releasedNext = bench.coordinator.propose(
      { type: 'release', space: 'lock', name: 'door', index: undefined, value: 'bar' },
      requestTimeoutMs,
    );
    bench.coordinator.resume();
    await released;
    await releasedNext;
    assert.equal((await waiter.outcome).type, 'removed');
  });
});

describe('a grant that may be old', () => {
  test('is answered only when the leader has confirmed that it still holds', async () => {
    const bench = new LockBench();
    const holder = await bench.held({ ttlMs: 60_000 });
    const waiter = await bench.queued({ ttlMs: 10_000 });
    await bench.advance(9_000);
    bench.coordinator.holdReads();
    await bench.release(holder);
    assert.equal(waiter.ended(), undefined);
    bench.coordinator.resumeReads();
    assert.equal((await waiter.outcome).type, 'held');
    assert.equal(bench.coordinator.barriers, 1);
  });

  test('is not answered when it turns out to have expired', async () => {
    const bench = new LockBench();
    const holder = await bench.held({ ttlMs: 60_000 });
    const waiter = await bench.queued({ ttlMs: 10_000 });
    await bench.advance(9_000);
    bench.coordinator.holdReads();
    await bench.release(holder);
    await bench.advance(10_001);
    bench.coordinator.resumeReads();
    assert.equal((await waiter.outcome).type, 'removed');
  });

  test('is asked about again when the confirmation itself took as long as the TTL', async () => {
    const bench = new LockBench();
    const holder = await bench.held({ ttlMs: 60_000 });
    const waiter = await bench.queued({ ttlMs: 10_000 });
    await bench.advance(9_000);
    bench.coordinator.holdReads();
    await bench.release(holder);
    bench.clock.advance(9_000);
    bench.coordinator.resumeReads();
    assert.equal((await waiter.outcome).type, 'held');
    assert.equal(bench.coordinator.barriers, 2);
  });

  test('is answered without a question when the request is younger than its TTL', async () => {
    const bench = new LockBench();
    const holder = await bench.held({});
    const waiter = await bench.queued({ ttlMs: 10_000 });
    await bench.advance(8_999);
    await bench.release(holder);
    assert.equal((await waiter.outcome).type, 'held');
    assert.equal(bench.coordinator.barriers, 0);
  });
});
