import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, ApiServer, until } from '../../support/api-server.js';

/** Clients of etcd know no 302, and repeat a request after 301. */
function assertRefused({ status, headers, body }: Answer, path: string): void {
  assert.equal(status, 503);
  assert.equal(headers['retry-after'], '1');
  const { errorCode, message, cause } = JSON.parse(body);
  const isKey = path.startsWith('/v2/keys/');
  const expected = isKey ? [301, 'During Leader Election'] : [302, 'Too many requests wait'];
  assert.deepEqual(
    [errorCode, message, cause],
    [...expected, 'this member lets 2 requests wait at a time'],
  );
}

/** A member whose limit of two waiting requests is reached. */
async function startFull() {
  const server = await ApiServer.start({ maxWaitingRequests: 2 });
  const token = (await server.ask('POST', '/mod/v2/lock/held?ttl=9&value=me')).body;
  const waiters = [
    server.open({ method: 'GET', path: '/v2/keys/a?wait=true&stream=true' }),
    server.open({ method: 'POST', path: '/mod/v2/lock/held?ttl=9' }),
  ];
  await until(() => server.coordinator.stateMachine.locks.queue('lock', 'held').length === 2);
  await waiters[0]?.head;
  return { server, token, waiters };
}

for (const [method, path] of [
  ['GET', '/v2/keys/b?wait=true'],
  ['GET', '/v2/keys/b?wait=true&stream=true&recursive=true'],
  ['GET', '/mod/v2/lock/held?wait=true'],
  ['GET', '/mod/v2/leader/nobody?wait=true'],
  ['POST', '/mod/v2/lock/held?ttl=9'],
  ['POST', '/mod/v2/lock/held?ttl=9&timeout=5'],
] as const) {
  test(`where no more can wait, ${method} ${path} is refused`, async () => {
    const { server } = await startFull();
    await using _ = server;
    assertRefused(await server.ask(method, path), path);
    assert.equal(server.coordinator.stateMachine.locks.queue('lock', 'held').length, 2);
  });
}

for (const [method, path] of [
  ['POST', '/mod/v2/lock/free?ttl=9'],
  ['POST', '/mod/v2/lock/held?ttl=9&value=me'],
  ['PUT', '/mod/v2/leader/free?ttl=9&name=me'],
  ['GET', '/v2/keys/_etcd?quorum=false'],
] as const) {
  test(`where no more can wait, ${method} ${path} is served: it does not wait`, async () => {
    const { server } = await startFull();
    await using _ = server;
    assert.equal((await server.ask(method, path)).status, 200);
  });
}

test('a request that ends frees its slot for another', async () => {
  const { server, token, waiters } = await startFull();
  await using _ = server;
  waiters[0]?.leave();
  await until(() => server.coordinator.stateMachine.keys.statistics().watchers === 0);
  const watch = server.open({ method: 'GET', path: '/v2/keys/b?wait=true' });
  await watch.head;
  assertRefused(await server.ask('GET', '/v2/keys/c?wait=true'), '/v2/keys/c');
  await server.ask('DELETE', `/mod/v2/lock/held?index=${token}`);
  await waiters[1]?.head;
  const other = await server.open({ method: 'GET', path: '/v2/keys/c?wait=true' }).head;
  assert.equal(other.statusCode, 200);
  assertRefused(await server.ask('GET', '/v2/keys/d?wait=true'), '/v2/keys/d');
});

test('a watch that cannot begin takes no slot', async () => {
  await using server = await ApiServer.start({ maxWaitingRequests: 1 });
  for (let i = 0; i < 1001; i += 1) await server.ask('PUT', '/v2/keys/a', `value=${i}`);
  assert.equal((await server.ask('GET', '/v2/keys/a?wait=true&waitIndex=1')).status, 400);
  const head = await server.open({ method: 'GET', path: '/v2/keys/a?wait=true' }).head;
  assert.equal(head.statusCode, 200);
});
