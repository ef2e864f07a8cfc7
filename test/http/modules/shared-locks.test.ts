import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiServer, type Pending, readWhole, until } from '../../support/api-server.js';

const door = '/mod/v2/lock/door';

function queueLength(server: ApiServer): number {
  return server.coordinator.stateMachine.locks.queue('lock', 'door').length;
}

/** A request that is in the queue and waits. */
async function waiting(server: ApiServer, query: string): Promise<Pending> {
  const before = queueLength(server);
  const pending = server.open({ method: 'POST', path: `${door}?${query}` });
  await until(() => queueLength(server) === before + 1);
  return pending;
}

async function shown(server: ApiServer): Promise<{
  limit: number;
  holder: { value: string } | null;
  holders: { value: string; mode: string }[];
  queue: { value: string; mode: string }[];
}> {
  const headers = { Accept: 'application/json' };
  return JSON.parse((await server.askFor({ method: 'GET', path: door, headers })).body);
}

test('readers hold together, a writer waits for all of them, and readers behind it wait for it', async () => {
  await using server = await ApiServer.start();
  const one = await server.ask('POST', `${door}?ttl=60&mode=shared&value=r1`);
  const two = await server.ask('POST', `${door}?ttl=60&mode=shared&value=r2`);
  assert.deepEqual([one.status, two.status], [200, 200]);
  const writer = await waiting(server, 'ttl=60&value=w');
  const third = await waiting(server, 'ttl=60&mode=shared&value=r3');
  const { holders, queue } = await shown(server);
  assert.deepEqual(
    [holders, queue].map((entries) => entries.map(({ value, mode }) => `${value} ${mode}`)),
    [
      ['r1 shared', 'r2 shared'],
      ['w exclusive', 'r3 shared'],
    ],
  );
  await server.ask('DELETE', `${door}?value=r1`);
  await server.ask('DELETE', `${door}?value=r2`);
  assert.equal((await readWhole(await writer.head)).status, 200);
  assert.deepEqual(
    (await shown(server)).holders.map(({ value }) => value),
    ['w'],
  );
  await server.ask('DELETE', `${door}?value=w`);
  assert.equal((await readWhole(await third.head)).status, 200);
});

test('a reader that waits behind a writer holds when the writer gives up', async () => {
  await using server = await ApiServer.start();
  await server.ask('POST', `${door}?ttl=60&mode=shared&value=r1`);
  const writer = await waiting(server, 'ttl=60&value=w');
  const reader = await waiting(server, 'ttl=60&mode=shared&value=r2');
  writer.leave();
  assert.equal((await readWhole(await reader.head)).status, 200);
  assert.deepEqual(
    (await shown(server)).holders.map(({ value }) => value),
    ['r1', 'r2'],
  );
});

test('a lock with a limit is held by so many at once, each with a token of its own', async () => {
  await using server = await ApiServer.start();
  const tokens: number[] = [];
  for (const value of ['a', 'b', 'c']) {
    const answer = await server.ask('POST', `${door}?ttl=60&limit=3&value=${value}`);
    assert.equal(answer.status, 200);
    tokens.push(Number(answer.body));
  }
  assert.deepEqual(
    [...new Set(tokens)].sort((a, b) => a - b),
    tokens,
  );
  const fourth = await waiting(server, 'ttl=60&limit=3&value=d');
  const seen = await shown(server);
  assert.equal(seen.limit, 3);
  assert.deepEqual([seen.holder?.value, seen.holders.length, seen.queue.length], ['a', 3, 1]);
  await server.ask('DELETE', `${door}?value=b`);
  assert.equal((await readWhole(await fourth.head)).status, 200);
});

test('one try takes a free seat, and none behind somebody who waits', async () => {
  await using server = await ApiServer.start();
  assert.equal((await server.ask('POST', `${door}?ttl=60&limit=2&timeout=0`)).status, 200);
  assert.equal((await server.ask('POST', `${door}?ttl=60&limit=2&timeout=0`)).status, 200);
  const full = await server.ask('POST', `${door}?ttl=60&limit=2&timeout=0`);
  assert.deepEqual([full.status, JSON.parse(full.body).errorCode], [409, 111]);
});

test('a refusal of another limit or mode names both', async () => {
  await using server = await ApiServer.start();
  await server.ask('POST', `${door}?ttl=60&limit=3&value=a`);
  for (const query of ['ttl=60', 'ttl=60&value=a', 'ttl=60&limit=2', 'ttl=60&mode=shared']) {
    const { status, body } = await server.ask('POST', `${door}?${query}`);
    const { errorCode, message, cause } = JSON.parse(body);
    assert.deepEqual([status, errorCode, message], [409, 112, 'Lock limit differs'], query);
    const asked = query.endsWith('limit=2') ? 2 : 1;
    assert.match(cause, new RegExp(`has limit 3, and limit ${asked} was asked for`));
  }
  await server.ask('DELETE', `${door}?value=a`);
  await server.ask('POST', `${door}?ttl=60&mode=shared&value=a`);
  const { status, body } = await server.ask('POST', `${door}?ttl=60&value=a`);
  const { errorCode, message, cause } = JSON.parse(body);
  assert.deepEqual([status, errorCode, message], [409, 113, 'Lock mode differs']);
  assert.match(cause, /is shared, and exclusive was asked for/);
  assert.equal(queueLength(server), 1);
});

for (const query of [
  'limit=0',
  'limit=10001',
  'limit=-1',
  'limit=1.5',
  'limit=',
  'limit=99999999999999999999',
  'mode=',
  'mode=Shared',
  'mode=shared&limit=2',
]) {
  test(`a lock cannot be asked for with ${query}`, async () => {
    await using server = await ApiServer.start();
    const { status, body } = await server.ask('POST', `${door}?ttl=60&${query}`);
    assert.deepEqual([status, JSON.parse(body).errorCode], [400, 209]);
    assert.match(JSON.parse(body).cause, /from 1 to 10000|"exclusive" or "shared"|not for both/);
    assert.equal(queueLength(server), 0);
  });
}

test('an election has one leader, whatever is asked for', async () => {
  await using server = await ApiServer.start();
  for (const query of ['mode=shared', 'limit=2', 'mode=shared&limit=2']) {
    const answer = await server.ask('PUT', `/mod/v2/leader/x?ttl=60&name=a&${query}`);
    assert.deepEqual([answer.status, JSON.parse(answer.body).errorCode], [400, 209]);
    assert.match(JSON.parse(answer.body).cause, /one leader/);
  }
  const plain = await server.ask('PUT', '/mod/v2/leader/x?ttl=60&name=a&mode=exclusive&limit=1');
  assert.equal(plain.status, 200);
});
