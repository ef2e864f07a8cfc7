import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { holdConnection } from '../../src/lock/connection-hold.js';
import { settle } from '../support/settle.js';
import { LockBench } from './lock-host.js';

const ttlMs = 9_000;

interface Connection {
  readonly index: number;
  readonly ended: () => boolean;
  close(): void;
}

/** A client that holds the lock for as long as its connection lives. */
async function connect(bench: LockBench, value = ''): Promise<Connection> {
  const controller = new AbortController();
  const { signal } = controller;
  const outcome = await bench.attempt({ ttlMs, value, holdsConnection: true, signal }).outcome;
  assert(outcome.type === 'held');
  return {
    index: outcome.index,
    close: () => controller.abort(),
    ...follow(bench, outcome, signal),
  };
}

function follow(bench: LockBench, held: Parameters<typeof holdConnection>[1], signal: AbortSignal) {
  let ended = false;
  void holdConnection(bench.host, held, { signal }).then(() => {
    ended = true;
  });
  return { ended: () => ended };
}

describe('a lock that is held by its connection', () => {
  test('lasts as long as the connection, which may be many times its TTL', async () => {
    const bench = new LockBench();
    const holder = await connect(bench);
    const waiter = await bench.queued({});
    for (let step = 0; step < 100; step += 1) await bench.advance(ttlMs / 3);
    assert.equal(holder.ended(), false);
    assert.equal(waiter.ended(), undefined);
    assert.deepEqual(bench.queue.map(({ index }) => index)[0], holder.index);
  });

  test('goes to the next at once when the connection closes', async () => {
    const bench = new LockBench();
    const holder = await connect(bench);
    const waiter = await bench.queued({});
    holder.close();
    await bench.pendingCancels.settled();
    assert.equal((await waiter.outcome).type, 'held');
    assert.equal(holder.ended(), true);
    assert.equal(bench.clock.timerCount, 0);
  });

  test('goes to the next at once when the connection closes, though its place was kept before', async () => {
    const bench = new LockBench();
    const holder = await bench.held({});
    const controller = new AbortController();
    const { signal } = controller;
    const kept = { ttlMs, holdsConnection: true, keepsPlace: true, signal };
    const waiter = await bench.queued(kept);
    const next = await bench.queued({});
    await bench.release(holder);
    const outcome = await waiter.outcome;
    assert(outcome.type === 'held');
    follow(bench, outcome, signal);
    controller.abort();
    await bench.pendingCancels.settled();
    assert.equal((await next.outcome).type, 'held');
  });

  test('is renewed once in a third of its TTL', async () => {
    const bench = new LockBench();
    await connect(bench);
    const before = bench.coordinator.proposals;
    for (let step = 0; step < 30; step += 1) await bench.advance(ttlMs / 30);
    assert.equal(bench.coordinator.proposals - before, 3);
  });

  test('ends its connection before its TTL is over when no renewal can be confirmed', async () => {
    const bench = new LockBench();
    const holder = await connect(bench);
    bench.coordinator.hold();
    bench.clock.advance(0.9 * ttlMs - 1);
    await settle();
    assert.equal(holder.ended(), false);
    bench.clock.advance(1);
    await settle();
    assert.equal(holder.ended(), true);
    bench.coordinator.resume();
    await bench.pendingCancels.settled();
    assert.deepEqual(bench.queue, [], 'the lock is released as soon as that is possible');
    assert.equal(bench.clock.timerCount, 0);
  });

  test('counts a renewal from when it was asked for, not from when it was confirmed', async () => {
    const bench = new LockBench();
    const holder = await connect(bench);
    bench.coordinator.hold();
    bench.clock.advance(ttlMs / 3);
    await settle();
    bench.clock.advance(ttlMs / 2);
    bench.coordinator.resume();
    await settle();
    bench.coordinator.hold();
    bench.clock.advance(0.4 * ttlMs - 1);
    await settle();
    assert.equal(holder.ended(), false);
    bench.clock.advance(1);
    await settle();
    assert.equal(holder.ended(), true, 'nine tenths of the TTL after the renewal was asked for');
    bench.coordinator.resume();
  });

  test('retries its renewal until an overloaded member takes the command', async () => {
    const bench = new LockBench();
    const holder = await connect(bench);
    bench.coordinator.refusals = 3;
    for (let step = 0; step < 20; step += 1) await bench.advance(ttlMs / 10);
    assert.equal(bench.coordinator.refusals, 0);
    assert.equal(holder.ended(), false);
    assert.equal(bench.queue.length, 1);
  });

  test('is renewed again in hours, however long its TTL, when the first renewal is not taken', async () => {
    const bench = new LockBench();
    const centuryMs = 3_153_600_000_000;
    const controller = new AbortController();
    const { signal } = controller;
    const request = { ttlMs: centuryMs, holdsConnection: true, signal };
    const outcome = await bench.attempt(request).outcome;
    assert(outcome.type === 'held');
    const { ended } = follow(bench, outcome, signal);
    bench.coordinator.refusals = 1;
    const before = bench.coordinator.proposals;
    for (let hour = 0; hour < 24; hour += 1) await bench.advance(3_600_000);
    assert.ok(bench.coordinator.proposals - before >= 2);
    assert.equal(ended(), false);
    assert.equal(bench.queue[0]?.ttlMs, centuryMs);
  });

  test('ends its connection when somebody else releases it', async () => {
    const bench = new LockBench();
    const holder = await connect(bench);
    await bench.release(holder.index);
    assert.equal(holder.ended(), true);
    assert.equal(bench.clock.timerCount, 0);
  });

  test('keeps the TTL that somebody else has set', async () => {
    const bench = new LockBench();
    const holder = await connect(bench);
    await bench.renew(holder.index, 60_000);
    for (let step = 0; step < 4; step += 1) await bench.advance(ttlMs / 3);
    assert.equal(bench.queue[0]?.ttlMs, 60_000);
  });

  test('stays when a client that holds by the same value, and not by its connection, is left', async () => {
    const bench = new LockBench();
    const waiting = await bench.held({});
    const plain = await bench.queued({ value: 'bar' });
    const attempt = bench.attempt({ value: 'bar', holdsConnection: true });
    await settle();
    await bench.release(waiting);
    const outcome = await attempt.outcome;
    assert(outcome.type === 'held');
    const controller = new AbortController();
    const { ended } = follow(bench, outcome, controller.signal);
    controller.abort();
    await settle();
    await bench.pendingCancels.settled();
    assert.equal(ended(), true);
    assert.equal((await plain.outcome).type, 'held');
    assert.equal(bench.queue.length, 1);
  });

  test('is not begun with a client that has gone', async () => {
    const bench = new LockBench();
    const outcome = await bench.attempt({ holdsConnection: true }).outcome;
    assert(outcome.type === 'held');
    const { ended } = follow(bench, outcome, AbortSignal.abort());
    await bench.pendingCancels.settled();
    assert.equal(ended(), true);
    assert.deepEqual(bench.queue, []);
  });
});

test('a grant that may be old is renewed before it is answered', async () => {
  const bench = new LockBench();
  const holder = await bench.held({ ttlMs: 60_000 });
  const waiter = await bench.queued({ ttlMs, holdsConnection: true });
  await bench.advance(ttlMs / 3);
  bench.coordinator.hold();
  bench.coordinator.applyAs(undefined, {
    type: 'release',
    space: 'lock',
    name: 'door',
    index: holder,
    value: undefined,
  });
  await settle();
  assert.equal(waiter.ended(), undefined);
  bench.coordinator.resume();
  const outcome = await waiter.outcome;
  assert(outcome.type === 'held');
  assert.equal(outcome.earliestLeaseStart, bench.clock.now());
});

test('a grant whose renewal is not taken is given up', async () => {
  const bench = new LockBench();
  const holder = await bench.held({ ttlMs: 60_000 });
  const waiter = await bench.queued({ ttlMs, holdsConnection: true });
  await bench.advance(ttlMs / 3);
  const failed = assert.rejects(waiter.outcome, /too many commands wait/);
  const released = bench.release(holder);
  bench.coordinator.refusals = 1;
  await released;
  await failed;
  await bench.pendingCancels.settled();
  assert.deepEqual(bench.queue, []);
});
