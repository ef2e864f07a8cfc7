import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { ApiServer, readLine, readWhole, until } from '../../support/api-server.js';

const unconditional = { fences: [], ttlMs: undefined, refresh: false };
const watchers = (server: ApiServer) => server.coordinator.state.keys.statistics().watchers;

function watch(server: ApiServer, query: string, key = 'a') {
  return server.open({ method: 'GET', path: `/v2/keys/${key}?wait=true${query}` });
}

test('the head of a watch comes at once, with the index at which it began', async () => {
  await using server = await ApiServer.start();
  await server.ask('PUT', '/v2/keys/a', 'value=1');
  const { statusCode, headers } = await watch(server, '').head;
  assert.equal(statusCode, 200);
  assert.equal(headers['x-etcd-index'], String(server.coordinator.state.etcdIndex));
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['transfer-encoding'], 'chunked');
});

test('a long poll ends with its first event', async () => {
  await using server = await ApiServer.start();
  const head = await watch(server, '').head;
  await server.ask('PUT', '/v2/keys/b', 'value=1');
  const { body: set } = await server.ask('PUT', '/v2/keys/a', 'value=1');
  assert.equal((await readWhole(head)).body, set);
  assert.equal(watchers(server), 0);
});

test('a watch from an old index begins with what it missed', async () => {
  await using server = await ApiServer.start();
  const { body: set } = await server.ask('PUT', '/v2/keys/a', 'value=1');
  const index = server.coordinator.state.etcdIndex;
  await server.ask('PUT', '/v2/keys/b', 'value=1');
  const answer = await readWhole(await watch(server, `&waitIndex=${index}`).head);
  assert.equal(answer.body, set);
});

test('a watch from an index whose event is forgotten is refused', async () => {
  await using server = await ApiServer.start();
  for (let count = 0; count < 1100; count += 1) {
    await server.coordinator.propose(
      { type: 'set', path: '/b', value: '', dir: false, ...unconditional },
      1000,
    );
  }
  const { etcdIndex } = server.coordinator.state;
  const answer = await readWhole(await watch(server, '&waitIndex=1').head);
  assert.equal(answer.status, 400);
  assert.deepEqual(JSON.parse(answer.body), {
    errorCode: 401,
    message: 'The event in requested index is outdated and cleared',
    cause: `the requested history has been cleared [${etcdIndex - 999}/1]`,
    index: etcdIndex,
  });
  assert.equal(answer.headers['x-etcd-index'], String(etcdIndex));
});

test('a stream goes on, in the order of the log, until its client leaves', async () => {
  await using server = await ApiServer.start();
  const stream = watch(server, '&stream=true&recursive=true', 'dir');
  const head = await stream.head;
  for (const key of ['one', 'two', 'three']) {
    const { body } = await server.ask('PUT', `/v2/keys/dir/${key}`, 'value=1');
    assert.equal(await readLine(head), body);
  }
  assert.equal(watchers(server), 1);
  stream.leave();
  await until(() => watchers(server) === 0);
});

test('a long poll whose client leaves frees its watcher', async () => {
  await using server = await ApiServer.start();
  const poll = watch(server, '');
  await poll.head;
  assert.equal(watchers(server), 1);
  poll.leave();
  await until(() => watchers(server) === 0);
});

test('a watch does not wait for a leader', async () => {
  await using server = await ApiServer.start();
  server.coordinator.hasLeader = false;
  assert.equal((await watch(server, '').head).statusCode, 200);
});

test('watches end when the API closes', async () => {
  await using server = await ApiServer.start();
  const head = await watch(server, '&stream=true').head;
  await server.stopServing();
  assert.equal((await readWhole(head)).body, '');
  assert.equal(watchers(server), 0);
});

test('a client that reads nothing of its stream is disconnected, and its memory freed', async () => {
  await using server = await ApiServer.start();
  const socket = connect(server.port, '127.0.0.1');
  socket.pause();
  socket.on('error', () => {});
  socket.write('GET /v2/keys/a?wait=true&stream=true HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => watchers(server) === 1);
  const value = 'x'.repeat(500_000);
  for (let count = 0; count < 100 && watchers(server) > 0; count += 1) {
    await server.ask('PUT', '/v2/keys/a', `value=${value}`);
  }
  assert.equal(watchers(server), 0, 'less than 50 MB were written into nothing');
  socket.destroy();
});

test('an event over the limit of unread bytes reaches a client that reads', async () => {
  await using server = await ApiServer.start();
  const head = await watch(server, '&stream=true').head;
  for (let count = 0; count < 3; count += 1) {
    const { body } = await server.ask('PUT', '/v2/keys/a', `value=${'x'.repeat(1_500_000)}`);
    assert.equal((await readLine(head)).length, body.length);
  }
  assert.equal(watchers(server), 1);
});
