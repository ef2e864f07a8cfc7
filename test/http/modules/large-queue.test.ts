import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HoldMode } from '../../../src/command/hold-rules.js';
import type { LockSpace } from '../../../src/command/lock-path.js';
import type { QueueEntryView } from '../../../src/view/queue-entry.js';
import { acquire } from '../../store/commands.js';
import { type Answer, ApiServer, readWhole, until } from '../../support/api-server.js';

const waiters = 20_000;
const ttlMs = 60_000;

type Asked = Parameters<ApiServer['open']>[0];

function view(space: LockSpace, method: string, query: string): Asked {
  return { method, path: `/mod/v2/${space}/door${query}`, headers: { Accept: 'application/json' } };
}

/** By hand: as many requests would take long. The clock goes on meanwhile. */
function fill(server: ApiServer, space: LockSpace, entries: number, mode: HoldMode): void {
  for (let i = 0; i < entries; i += 1) {
    if (i % 1000 === 0) server.clock.advance(10);
    const command = acquire('door', `client "${i}"`, { space, mode, ttlMs });
    server.coordinator.applyAs(undefined, command);
  }
}

/**
 * How a queue is shown, from what the state machine knows. `since` is when the first of them came.
 */
function shown(
  entries: readonly QueueEntryView[],
  index: number,
  now: number,
  since: string,
): string {
  const first = entries[0]?.enteredAt ?? 0;
  const time = (ms: number | undefined) =>
    new Date(Date.parse(since) + (ms ?? 0) - first).toISOString();
  const holders = entries
    .filter(({ holds }) => holds)
    .map(({ index: entry, value, mode, grantedAt, expiresAt }) => {
      const ttlLeft = ((expiresAt ?? 0) - now) / 1000;
      return { index: entry, value, mode, ttl: ttlMs / 1000, ttlLeft, since: time(grantedAt) };
    });
  const queue = entries
    .filter(({ holds }) => !holds)
    .map(({ index: entry, value, mode, enteredAt }) => {
      return { index: entry, value, mode, ttl: ttlMs / 1000, waitingSince: time(enteredAt) };
    });
  const history = holders.slice(-32).map(({ index: entry, value, since: at }) => {
    return { index: entry, action: 'granted', place: entry, value, time: at };
  });
  const holder = holders[0] ?? null;
  const json = { name: 'door', limit: 1, index, holder, holders, queue, history };
  return `${JSON.stringify(json)}\n`;
}

function assertShows(answer: Answer, entries: readonly QueueEntryView[], now: number): void {
  assert.equal(answer.status, 200);
  const { index, holder } = JSON.parse(answer.body);
  assert.ok(answer.body === shown(entries, index, now, holder.since), 'byte for byte');
}

/**
 * Changes by others before the answer is whole: entries go and change at both ends, and new ones
 * come.
 */
async function servedMeanwhile(
  server: ApiServer,
  space: LockSpace,
  answer: Promise<Answer>,
): Promise<number> {
  let isWhole = false;
  const seen = () => {
    isWhole = true;
  };
  answer.then(seen, seen);
  let served = 0;
  while (!isWhole) {
    for (const at of [served, waiters - 1 - served]) {
      const value = encodeURIComponent(`client "${at}"`);
      const who = `${space === 'lock' ? 'value' : 'name'}=${value}`;
      const gone = await server.ask('DELETE', `/mod/v2/${space}/door?${who}`);
      assert.equal(gone.status, 200);
    }
    server.clock.advance(1);
    const value = `client "${Math.floor(waiters / 2) + served}"`;
    const command = acquire('door', value, { space, ttlMs: 2 * ttlMs });
    server.coordinator.applyAs(undefined, command);
    server.coordinator.applyAs(undefined, acquire('door', `later ${served}`, { space }));
    served += 1;
  }
  return served;
}

for (const { space, mode } of [
  { space: 'lock', mode: 'exclusive' },
  { space: 'lock', mode: 'shared' },
  { space: 'leader', mode: 'exclusive' },
] as const) {
  const who = mode === 'shared' ? 'hold' : 'wait';
  test(`others are served while a ${space} for which many ${who} is shown, as it was`, async () => {
    await using server = await ApiServer.start();
    fill(server, space, waiters, mode);
    const { etcdIndex } = server.coordinator.state;
    const entries = server.coordinator.stateMachine.locks.queue(space, 'door');
    const now = server.clock.now();
    const open = server.open(view(space, 'GET', ''));
    const answer = readWhole(await open.head);
    const served = await servedMeanwhile(server, space, answer);
    assert.ok(served > 3, `${served} times others were served meanwhile`);
    const { headers } = await answer;
    assert.equal(headers['content-length'], undefined);
    assert.equal(headers['x-etcd-index'], String(etcdIndex));
    assertShows(await answer, entries, now);
  });
}

test('a short queue is shown in the same way, in one piece', async () => {
  await using server = await ApiServer.start();
  fill(server, 'lock', 1000, 'exclusive');
  const entries = server.coordinator.stateMachine.locks.queue('lock', 'door');
  const answer = await server.askFor(view('lock', 'GET', ''));
  assert.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.body)));
  assertShows(answer, entries, server.clock.now());
});

test('a few long values in a queue are streamed, too', async () => {
  await using server = await ApiServer.start();
  for (const letter of ['a', 'b', 'c']) {
    const command = acquire('door', letter.repeat(200_000), { ttlMs });
    server.coordinator.applyAs(undefined, command);
  }
  const { headers, body } = await server.askFor(view('lock', 'GET', ''));
  assert.equal(headers['transfer-encoding'], 'chunked');
  assert.equal(JSON.parse(body).queue[1].value, 'c'.repeat(200_000));
});

test('a long queue is also shown with index and with wait, and its head without it', async () => {
  await using server = await ApiServer.start();
  fill(server, 'lock', waiters, 'exclusive');
  const entries = server.coordinator.stateMachine.locks.queue('lock', 'door');
  const holder = entries[0]?.index ?? 0;
  const now = server.clock.now();
  const head = await server.askFor(view('lock', 'HEAD', ''));
  assert.deepEqual([head.status, head.body], [200, '']);
  assert.equal(head.headers['content-type'], 'application/json');
  assertShows(await server.askFor(view('lock', 'GET', `?index=${holder}`)), entries, now);
  assert.equal((await server.askFor(view('lock', 'GET', `?index=${holder + 1}`))).status, 404);
  assertShows(await server.askFor(view('lock', 'GET', '?wait=true&waitIndex=1')), entries, now);
});

test('a client that disconnects ends its view, and the number of views at a time is bounded', async () => {
  await using server = await ApiServer.start();
  fill(server, 'lock', waiters, 'exclusive');
  const readers = Array.from({ length: 32 }, () => server.open(view('lock', 'GET', '')));
  for (const { head } of readers) assert.equal((await head).statusCode, 200);
  const refused = await server.askFor(view('lock', 'GET', ''));
  assert.equal(refused.status, 503);
  assert.equal(
    JSON.parse(refused.body).cause,
    'this member lets 32 large directories and queues be listed at a time',
  );
  assert.equal((await server.ask('GET', '/mod/v2/lock/door')).status, 200);
  for (const { leave } of readers) leave();
  await until(() => server.connections === 0);
  assert.equal((await server.askFor(view('lock', 'GET', ''))).status, 200);
});
