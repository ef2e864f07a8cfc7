import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UnavailableError } from '../../src/member/coordinator.js';
import { LockBench, requestTimeoutMs } from './lock-host.js';

describe('a client that leaves', () => {
  test('before its acquire is applied leaves no queue entry behind', async () => {
    const bench = new LockBench();
    bench.coordinator.hold();
    const client = bench.attempt({});
    client.leave();
    assert.deepEqual(await client.outcome, { type: 'abandoned' });
    bench.coordinator.resume();
    await bench.pendingCancels.settled();
    assert.deepEqual(bench.queue, []);
  });

  test('while it waits leaves the queue', async () => {
    const bench = new LockBench();
    await bench.held({});
    const client = await bench.queued({});
    client.leave();
    assert.deepEqual(await client.outcome, { type: 'abandoned' });
    await bench.pendingCancels.settled();
    assert.equal(bench.queue.length, 1);
  });

  test('while its grant is on its way releases the lock', async () => {
    const bench = new LockBench();
    const holder = await bench.held({});
    const client = await bench.queued({});
    const next = await bench.queued({});
    bench.coordinator.hold();
    const released = bench.release(holder);
    client.leave();
    bench.coordinator.resume();
    await released;
    assert.deepEqual(await client.outcome, { type: 'abandoned' });
    assert.equal((await next.outcome).type, 'held');
  });

  test('after its grant is applied, before it is answered, releases the lock', async () => {
    const bench = new LockBench();
    const holder = await bench.held({});
    const client = await bench.queued({ ttlMs: 1_000 });
    const next = await bench.queued({});
    await bench.advance(5_000);
    bench.coordinator.holdReads();
    await bench.release(holder);
    assert.equal(client.ended(), undefined, 'the leader has to confirm a grant that may be old');
    client.leave();
    assert.deepEqual(await client.outcome, { type: 'abandoned' });
    await bench.pendingCancels.settled();
    bench.coordinator.resumeReads();
    assert.equal((await next.outcome).type, 'held');
  });

  test('is removed when an overloaded member takes commands again', async () => {
    const bench = new LockBench();
    await bench.held({});
    const client = await bench.queued({});
    bench.coordinator.refusals = 2;
    client.leave();
    await client.outcome;
    for (let second = 0; second < 2; second += 1) {
      await bench.advance(500);
      assert.equal(bench.queue.length, 2);
      await bench.advance(500);
    }
    await bench.pendingCancels.settled();
    assert.equal(bench.queue.length, 1);
  });

  test('leaves no timer and no listener', async () => {
    const bench = new LockBench();
    const holder = await bench.held({});
    const client = await bench.queued({ timeoutMs: 5_000 });
    client.leave();
    await client.outcome;
    await bench.pendingCancels.settled();
    assert.equal(bench.clock.timerCount, 0);
    await bench.release(holder);
    assert.deepEqual(bench.queue, []);
  });
});

describe('without a leader', () => {
  test('a request is answered in time, and its queue entry removed when it appears', async () => {
    const bench = new LockBench();
    bench.coordinator.hasLeader = false;
    const client = await bench.queued({});
    await bench.advance(requestTimeoutMs - 1);
    assert.equal(client.ended(), undefined);
    await bench.advance(1);
    assert.deepEqual(await client.outcome, { type: 'unavailable', index: undefined });
    bench.coordinator.hasLeader = true;
    bench.coordinator.resume();
    await bench.pendingCancels.settled();
    assert.deepEqual(bench.queue, []);
  });

  test('a queued request waits as long as it takes', async () => {
    const bench = new LockBench();
    const holder = await bench.held({ ttlMs: 3_600_000 });
    const waiter = await bench.queued({ ttlMs: 3_600_000 });
    bench.coordinator.hasLeader = false;
    await bench.advance(10 * requestTimeoutMs);
    assert.equal(waiter.ended(), undefined);
    bench.coordinator.hasLeader = true;
    await bench.release(holder);
    assert.equal((await waiter.outcome).type, 'held');
  });

  test('a member that stops fails its requests', async () => {
    const bench = new LockBench();
    bench.coordinator.hold();
    const client = bench.attempt({});
    bench.coordinator.stop();
    await assert.rejects(client.outcome, UnavailableError);
  });
});
