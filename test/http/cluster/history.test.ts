import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberId } from '../../../src/ids.js';
import { ApiServer } from '../../support/api-server.js';

interface History {
  readonly samples: {
    readonly ageMs: readonly number[];
    readonly commitIndex: readonly number[];
    readonly waitingForLocks: readonly number[];
    readonly latencyMs: Readonly<Record<string, readonly (number | null)[]>>;
  };
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

async function historyOf(server: ApiServer): Promise<History> {
  const { status, body } = await server.ask('GET', '/v2/stats/history');
  assert.equal(status, 200);
  return JSON.parse(body);
}

test('a member tells what it measured before it was asked', async () => {
  await using server = await ApiServer.start();
  server.service.start();
  assert.deepEqual((await historyOf(server)).samples.ageMs, []);
  server.clock.advance(11_000);
  const { samples } = await historyOf(server);
  assert.deepEqual(samples.ageMs, [6_000, 1_000]);
  assert.deepEqual(samples.waitingForLocks, [0, 0]);
  assert.deepEqual(samples.commitIndex.length, 2);
});

test('the latency of a peer is null while it did not answer', async () => {
  const peer = memberId('00000000000000bb');
  await using server = await ApiServer.start();
  const well = { status: undefined, fault: undefined, refusal: undefined };
  const contact = { silentMs: 0, roundTripMs: 1.2345, ...well };
  server.coordinator.peerContacts.set(peer, { ...contact, reachable: true });
  await using other = await ApiServer.start({ coordinator: server.coordinator });
  other.service.start();
  server.clock.advance(5_000);
  server.coordinator.peerContacts.set(peer, { ...contact, reachable: false });
  server.clock.advance(5_000);
  assert.deepEqual((await historyOf(other)).samples.latencyMs, { [peer]: [1.23, null] });
});

test('a forced release is told with the address of its caller, and shows as such in the history of the lock', async () => {
  await using server = await ApiServer.start();
  const lock = '/mod/v2/lock/door';
  const first = await server.ask('POST', `${lock}?ttl=60`, 'value=ann');
  await server.ask('DELETE', `${lock}?index=${first.body}`);
  assert.deepEqual((await historyOf(server)).events, [], 'an ordinary release is no event');
  const second = await server.ask('POST', `${lock}?ttl=60`, 'value=bob');
  const forced = await server.ask('DELETE', `${lock}?index=${second.body}&force=true`);
  assert.equal(forced.status, 200);
  const { events } = await historyOf(server);
  const { client, time, ageMs, ...event } = events[0] ?? {};
  const index = Number(second.body);
  const what = { space: 'lock', name: 'door', index, value: 'bob' };
  assert.deepEqual(event, { type: 'forcedRelease', count: 1, ...what });
  assert.match(String(client), /^127\.0\.0\.1:\d+$/);
  const headers = { Accept: 'application/json' };
  const { body } = await server.askFor({ method: 'GET', path: lock, headers });
  const { history }: { history: { action: string }[] } = JSON.parse(body);
  const actions = history.map(({ action }) => action);
  assert.deepEqual(actions, ['granted', 'released', 'granted', 'forced']);
});

test('a leader who is deposed by force is an event, and a failed one is none', async () => {
  await using server = await ApiServer.start();
  const election = '/mod/v2/leader/shift';
  await server.ask('PUT', `${election}?ttl=60`, 'name=early');
  const refused = await server.ask('DELETE', `${election}?name=nobody&force=true`);
  assert.equal(refused.status, 404);
  await server.ask('DELETE', `${election}?name=early&force=true`);
  const { events } = await historyOf(server);
  assert.deepEqual(
    events.map(({ type, name, value }) => ({ type, name, value })),
    [{ type: 'forcedRelease', name: 'shift', value: 'early' }],
  );
  const odd = await server.ask('DELETE', `${election}?name=early&force=perhaps`);
  assert.match(odd.body, /force must be true or false/);
});

test('requests that are refused for lack of a leader are one event with a count', async () => {
  await using server = await ApiServer.start();
  server.coordinator.hasLeader = false;
  for (let n = 0; n < 3; n += 1) {
    assert.equal((await server.ask('PUT', '/v2/keys/a', 'value=x')).status, 503);
  }
  const [event, ...others] = (await historyOf(server)).events;
  assert.deepEqual(others, []);
  assert.deepEqual([event?.['type'], event?.['count']], ['requestsRefused', 3]);
});

test('a place without a value shows the address of its client, and one with a value does not', async () => {
  await using server = await ApiServer.start();
  const lock = '/mod/v2/lock/door';
  await server.ask('POST', `${lock}?ttl=60`);
  const waiting = server.open({ method: 'POST', path: `${lock}?ttl=60&value=bob` });
  const headers = { Accept: 'application/json' };
  const show = async () => {
    const { body } = await server.askFor({ method: 'GET', path: lock, headers });
    const view: {
      holders: { client?: string }[];
      queue: { client?: string; value: string }[];
    } = JSON.parse(body);
    return view;
  };
  let view = await show();
  while (view.queue.length === 0) view = await show();
  assert.match(view.holders[0]?.client ?? '', /^127\.0\.0\.1:\d+$/);
  assert.deepEqual([view.queue[0]?.value, view.queue[0]?.client], ['bob', undefined]);
  waiting.leave();
});
