import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { ApiServer, readLine, readWhole, until } from '../../support/api-server.js';

const door = '/mod/v2/lock/door';

function places(server: ApiServer): number {
  return server.coordinator.stateMachine.locks.queue('lock', 'door').length;
}

/** The lock is held by place 1, and place 2 waits with progress every five seconds. */
async function waiting(query = '') {
  const server = await ApiServer.start();
  await server.ask('POST', `${door}?ttl=600`);
  const path = `${door}?ttl=600&value=bob&progress=5${query}`;
  const pending = server.open({ method: 'POST', path });
  const head = await pending.head;
  await until(() => places(server) === 2);
  return { server, pending, head };
}

describe('a request with progress', () => {
  test('has its head at once, a blank line each interval, and its index last', async () => {
    const { server, head } = await waiting();
    await using _ = server;
    assert.equal(head.statusCode, 200);
    assert.equal(head.headers['transfer-encoding'], 'chunked');
    assert.match(String(head.headers['x-etcd-index']), /^\d+$/);
    for (let beats = 0; beats < 3; beats += 1) {
      server.clock.advance(4_999);
      server.clock.advance(1);
      assert.equal(await readLine(head), '\n');
    }
    await server.ask('DELETE', `${door}?index=1`);
    assert.equal((await readWhole(head)).body, '2\n');
  });

  test('has its error as the last line when its time is over', async () => {
    const { server, head } = await waiting('&timeout=7');
    await using _ = server;
    server.clock.advance(7_000);
    const [blank, line = '', ...rest] = (await readWhole(head)).body.split('\n');
    assert.deepEqual([blank, rest], ['', ['']]);
    const { errorCode, cause } = JSON.parse(line);
    assert.deepEqual([errorCode, cause], [111, 'door is not free; its holder: 1']);
    assert.equal(places(server), 1);
  });

  test('is told of its place when the member stops', async () => {
    const { server, head } = await waiting();
    await using _ = server;
    await server.stopServing();
    const { errorCode, place } = JSON.parse((await readWhole(head)).body);
    assert.deepEqual([errorCode, place], [301, 2]);
  });

  test('gives up its place when its client leaves', async () => {
    const { server, pending } = await waiting();
    await using _ = server;
    pending.leave();
    await until(() => places(server) === 1);
  });

  test('that holds by its connection goes on with blank lines after its index', async () => {
    const { server, head } = await waiting('&hold=connection');
    await using _ = server;
    await server.ask('DELETE', `${door}?index=1`);
    assert.equal(await readLine(head), '2\n');
    server.clock.advance(5_000);
    assert.equal(await readLine(head), '\n');
    await server.ask('DELETE', `${door}?index=2`);
    await readWhole(head);
  });

  test('that waits for a change has the shown value last', async () => {
    await using server = await ApiServer.start();
    await server.ask('POST', `${door}?ttl=600`);
    const path = `${door}?wait=true&progress=1&field=index`;
    const head = await server.open({ method: 'GET', path }).head;
    server.clock.advance(1_000);
    assert.equal(await readLine(head), '\n');
    await server.ask('DELETE', `${door}?index=1`);
    await server.ask('POST', `${door}?ttl=600`);
    assert.equal((await readWhole(head)).body, '\n');
  });

  test('in an election is answered likewise', async () => {
    await using server = await ApiServer.start();
    const answer = await server.ask('PUT', '/mod/v2/leader/door?ttl=60&name=a&progress=60');
    assert.deepEqual([answer.status, answer.body], [200, '1\n']);
  });

  test('that is malformed is refused with its status', async () => {
    await using server = await ApiServer.start();
    for (const [query, errorCode] of [
      ['progress=5', 202],
      ['ttl=60&progress=0', 209],
      ['ttl=60&progress=61', 209],
      ['ttl=60&progress=often', 209],
    ] as const) {
      const { status, body } = await server.ask('POST', `${door}?${query}`);
      assert.deepEqual([status, JSON.parse(body).errorCode], [400, errorCode], query);
    }
  });

  test('over HTTP/1.0 is not chunked, and ends with its connection', async () => {
    await using server = await ApiServer.start();
    await server.ask('POST', `${door}?ttl=600`);
    const socket = connect(server.port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.write(`POST ${door}?ttl=60&progress=5 HTTP/1.0\r\nHost: a\r\n\r\n`);
    await until(() => answer.includes('\r\n\r\n'));
    server.clock.advance(5_000);
    await server.ask('DELETE', `${door}?index=1`);
    await once(socket, 'end');
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    assert.doesNotMatch(answer, /chunked/i);
    assert.match(answer, /\r\n\r\n\n2\n$/);
    socket.destroy();
  });

  test('ends with the half of its connection that its client closes', async () => {
    await using server = await ApiServer.start();
    await server.ask('POST', `${door}?ttl=600`);
    const socket = connect(server.port, '127.0.0.1');
    socket.resume();
    socket.write(`POST ${door}?ttl=60&progress=5 HTTP/1.1\r\nHost: a\r\n\r\n`);
    await until(() => places(server) === 2);
    socket.end();
    await until(() => places(server) === 1);
    socket.destroy();
  });
});
