import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeEvent } from '../../../src/command/event.js';
import { EventPump, type Feed } from '../../../src/http/keys/event-pump.js';
import { eventsBehindMax } from '../../../src/http/keys/watch-reply.js';
import { WallClock } from '../../../src/service/wall-clock.js';
import { ApiServer, readWhole } from '../../support/api-server.js';
import { ManualClock } from '../../support/manual-clock.js';
import { settle } from '../../support/settle.js';

const newPump = () => new EventPump(new WallClock(new ManualClock(0), () => 0));

/** Writes as much as it may. */
class EagerFeed implements Feed {
  written = 0;
  isClosed = false;
  readonly #pump: EventPump;
  #waiting: number;

  constructor(pump: EventPump, waiting: number) {
    this.#pump = pump;
    this.#waiting = waiting;
    for (let count = 0; count < waiting; count += 1) pump.eventWaits();
  }

  flush(eventsMax: number): number {
    const written = Math.min(eventsMax, this.#waiting);
    this.#waiting -= written;
    this.written += written;
    if (this.#waiting > 0) this.#pump.schedule(this);
    return written;
  }

  close(): void {
    this.isClosed = true;
  }
}

test('an event for thousands of watches is written over several turns of the event loop', async () => {
  const pump = newPump();
  const feeds = Array.from({ length: 1000 }, () => new EagerFeed(pump, 1));
  for (const feed of feeds) pump.schedule(feed);
  const written = () => feeds.reduce((sum, feed) => sum + feed.written, 0);
  const turns: number[] = [];
  while (written() < 1000) {
    await settle();
    turns.push(written());
  }
  assert.deepEqual(turns, [256, 512, 768, 1000]);
});

test('a watch that is far behind does not delay the others', async () => {
  const pump = newPump();
  const behind = new EagerFeed(pump, 5000);
  const other = new EagerFeed(pump, 1);
  pump.schedule(behind);
  pump.schedule(other);
  await settle();
  await settle();
  assert.deepEqual([behind.written, other.written], [511, 1]);
});

test('the events queued for all watches are bounded, and counted down when written or dropped', async () => {
  const pump = newPump();
  const [one, other] = [new EagerFeed(pump, 600_000), new EagerFeed(pump, 400_000)];
  assert.ok(pump.isFull);
  pump.forget(other, 400_000);
  assert.ok(!pump.isFull);
  for (let count = 0; count < 400_000; count += 1) pump.eventWaits();
  assert.ok(pump.isFull);
  pump.schedule(one);
  await settle();
  assert.ok(!pump.isFull);
});

test('an event becomes text once, for all watches', () => {
  const pump = newPump();
  let reads = 0;
  const event: NodeEvent = {
    action: 'set',
    get node() {
      reads += 1;
      return { key: '/a', value: '1', modifiedIndex: 1, createdIndex: 1 };
    },
    prevNode: undefined,
  } as unknown as NodeEvent;
  const first = pump.textOf(event);
  const once = reads;
  assert.equal(pump.textOf(event), first);
  assert.equal(reads, once);
});

test('all feeds close with the pump', () => {
  const pump = newPump();
  const [stays, goes] = [new EagerFeed(pump, 0), new EagerFeed(pump, 0)];
  for (const feed of [stays, goes]) pump.open(feed);
  pump.forget(goes, 0);
  pump.close();
  assert.deepEqual([stays.isClosed, goes.isClosed, pump.isClosed], [true, false, true]);
});

test('a stream that is too far behind ends without a gap in what it sent', async () => {
  await using server = await ApiServer.start();
  const path = '/v2/keys/a?wait=true&stream=true';
  const head = await server.open({ method: 'GET', path }).head;
  const start = server.coordinator.state.etcdIndex;
  const command = { type: 'set', path: '/a', value: '', dir: false } as const;
  for (let count = 0; count < eventsBehindMax + 500; count += 1) {
    server.coordinator.applyAs(undefined, {
      ...command,
      fences: [],
      ttlMs: undefined,
      refresh: false,
    });
  }
  const lines = (await readWhole(head)).body.trimEnd().split('\n');
  assert.equal(lines.length, eventsBehindMax);
  lines.forEach((line, position) => {
    assert.equal(JSON.parse(line).node.modifiedIndex, start + 1 + position);
  });
  assert.equal(server.coordinator.state.keys.statistics().watchers, 0);
});
