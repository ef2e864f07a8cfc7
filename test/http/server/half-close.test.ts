import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { until } from '../../cluster/until.js';
import { ApiServer } from '../../support/api-server.js';
import { fill } from '../../support/fill.js';

/**
 * A client that closes its sending side behind its request, as `nc -N` does, and goes on reading.
 */
class HalfClosed {
  received = '';
  readonly #socket: Socket;

  constructor(port: number, requests: string) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.setEncoding('utf8').on('data', (chunk: string) => {
      this.received += chunk;
    });
    this.#socket.end(requests);
  }

  async closed(): Promise<void> {
    await until(() => this.#socket.closed, 'the connection is closed');
  }
}

const form = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\nvalue=1';

function asked(method: string, path: string, tail = '\r\n'): string {
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\n${tail}`;
}

describe('a client that sends nothing more after its request is answered', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['a page', asked('GET', '/version'), /^HTTP\/1.1 200 .*etcdserver/s],
    ['a page by HTTP/1.0', 'GET /version HTTP/1.0\r\n\r\n', /^HTTP\/1.1 200 .*etcdserver/s],
    ['a write', asked('PUT', '/v2/keys/a', form), /^HTTP\/1.1 201 .*"action":"set"/s],
    ['a read', asked('GET', '/v2/keys/'), /^HTTP\/1.1 200 .*"action":"get"/s],
    ['the holder of a lock', asked('GET', '/mod/v2/lock/a'), /^HTTP\/1.1 (200|404) /],
    ['a release', asked('DELETE', '/mod/v2/lock/a?index=9'), /^HTTP\/1.1 404 .*"errorCode":100/s],
    ['a refusal', asked('PUT', '/v2/keys/a?ttl=x'), /^HTTP\/1.1 400 .*"errorCode":202/s],
  ];
  for (const [what, request, answer] of cases) {
    test(what, async () => {
      await using server = await ApiServer.start();
      const client = new HalfClosed(server.port, request);
      await client.closed();
      assert.match(client.received, answer);
    });
  }

  test('each of several pipelined requests, in their order', async () => {
    await using server = await ApiServer.start();
    const requests = asked('PUT', '/v2/keys/a', form) + asked('GET', '/v2/keys/a');
    const client = new HalfClosed(server.port, requests);
    await client.closed();
    assert.match(client.received, /^HTTP\/1.1 201 .*"set".*HTTP\/1.1 200 .*"get"/s);
  });

  test('also when the cluster takes its time', async () => {
    await using server = await ApiServer.start();
    server.coordinator.hold();
    const client = new HalfClosed(server.port, asked('PUT', '/v2/keys/a', form));
    await until(() => server.coordinator.waiting === 1, 'the write waits');
    server.coordinator.resume();
    await client.closed();
    assert.match(client.received, /^HTTP\/1.1 201 /);
  });

  test('also when its request is large', async () => {
    await using server = await ApiServer.start();
    server.coordinator.hold();
    const body = `value=${'v'.repeat(200_000)}`;
    const client = new HalfClosed(
      server.port,
      asked('PUT', '/v2/keys/a', form.replace('7', String(body.length)).replace('value=1', body)),
    );
    await until(() => server.coordinator.waiting === 1, 'the write waits');
    server.coordinator.resume();
    await client.closed();
    assert.match(client.received, /^HTTP\/1.1 201 /);
  });

  test('also with a directory that is streamed', async () => {
    await using server = await ApiServer.start();
    fill(server.coordinator, '/d', 2000);
    const client = new HalfClosed(server.port, asked('GET', '/v2/keys/?recursive=true'));
    await client.closed();
    assert.match(client.received, /^HTTP\/1.1 200 .*\}\}\n/s);
  });
});

describe('a client that sends nothing more ends its own', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['watch', asked('GET', '/v2/keys/a?wait=true')],
    ['stream of events', asked('GET', '/v2/keys/a?wait=true&stream=true')],
    ['wait for another holder', asked('GET', '/mod/v2/lock/held?wait=true')],
    ['stream of holders', asked('GET', '/mod/v2/lock/held', 'Accept: text/event-stream\r\n\r\n')],
    ['wait for a lock', asked('POST', '/mod/v2/lock/held?ttl=60')],
    ['wait for an election', asked('PUT', '/mod/v2/leader/held?ttl=60&name=b')],
  ];
  for (const [what, request] of cases) {
    test(what, async () => {
      await using server = await ApiServer.start();
      await server.ask('POST', '/mod/v2/lock/held?ttl=60');
      await server.ask('PUT', '/mod/v2/leader/held?ttl=60&name=a');
      const client = new HalfClosed(server.port, request);
      await client.closed();
      const { locks, keys } = server.coordinator.state;
      await until(() => locks.totals('lock').waiting === 0, 'nobody waits');
      await until(() => locks.totals('leader').waiting === 0, 'nobody waits');
      assert.equal(keys.statistics().watchers, 0);
      assert.equal(server.connections, 0);
    });
  }

  test('watch behind a read on the same connection, which is answered', async () => {
    await using server = await ApiServer.start();
    const requests = asked('GET', '/v2/keys/') + asked('GET', '/v2/keys/a?wait=true');
    const client = new HalfClosed(server.port, requests);
    await client.closed();
    assert.match(client.received, /^HTTP\/1.1 200 .*"action":"get"/s);
    assert.equal(server.coordinator.state.keys.statistics().watchers, 0);
  });
});

test('a wait that is over no longer ends the answers behind it', async () => {
  await using server = await ApiServer.start();
  const socket = connect(server.port, '127.0.0.1').setEncoding('utf8');
  let received = '';
  socket.on('data', (chunk: string) => {
    received += chunk;
  });
  socket.write(asked('GET', '/v2/keys/a?wait=true'));
  await until(() => server.coordinator.state.keys.statistics().watchers === 1, 'it watches');
  await server.ask('PUT', '/v2/keys/a', 'value=1');
  await until(() => /"action":"set"/.test(received), 'it was told');
  server.coordinator.hold();
  socket.end(asked('PUT', '/v2/keys/b', form));
  await until(() => server.coordinator.waiting === 1, 'the write waits');
  server.coordinator.resume();
  await until(() => /HTTP\/1.1 201 /.test(received), 'the write is answered');
});
