import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { textResponse } from '../../../src/http/server/api-response.js';
import { createHttpServer, defaultLimits } from '../../../src/http/server/http-server.js';
import { send } from '../../../src/http/server/send.js';

const request = 'PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n';

/** A server that answers when it is told to, and a client on one connection. */
class Rig implements AsyncDisposable {
  readonly server: Server;
  readonly client: Socket;
  /** The requests that the server has looked at, and not answered yet. */
  readonly served: ServerResponse[] = [];
  received = '';

  private constructor(server: Server, client: Socket, served: ServerResponse[]) {
    this.server = server;
    this.client = client;
    this.served = served;
    client.setEncoding('utf8').on('data', (text: string) => {
      this.received += text;
    });
  }

  static async start(keepAliveTimeoutMs = defaultLimits.keepAliveTimeoutMs): Promise<Rig> {
    const served: ServerResponse[] = [];
    const limits = { ...defaultLimits, keepAliveTimeoutMs };
    const server = createHttpServer((_message, response) => served.push(response), limits);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(server, 'connection');
    return new Rig(server, client, served);
  }

  /** Sends a request; resolves when the server has it. */
  async ask(): Promise<ServerResponse> {
    this.client.write(request);
    await once(this.server, 'request');
    const response = this.served.pop();
    assert.ok(response !== undefined);
    return response;
  }

  /** Resolves when the answer ends like this; rejects when the connection ends before. */
  async receives(end: string): Promise<void> {
    while (!this.received.endsWith(end)) {
      assert.ok(!this.client.readableEnded, `ended with ${this.received}`);
      await Promise.race([once(this.client, 'data'), once(this.client, 'end')]);
    }
  }

  /** A whole exchange, after which the connection is idle. */
  async exchange(): Promise<void> {
    (await this.ask()).end('served');
    await this.receives('served');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
    this.server.closeAllConnections();
    this.server.close();
  }
}

const unserved =
  /^HTTP\/1\.1 408 Request Timeout\r\n[\s\S]*Connection: close\r\n[\s\S]*"errorCode":223/;

test('a request that crosses the close is told that nobody looked at it', async () => {
  await using rig = await Rig.start();
  await rig.exchange();
  rig.received = '';
  rig.server.closeIdleConnections();
  rig.client.write(request);
  await once(rig.client, 'end');
  assert.match(rig.received, unserved);
  assert.deepEqual(rig.served, []);
});

test('so is the first request of a connection', async () => {
  await using rig = await Rig.start();
  rig.server.closeIdleConnections();
  rig.client.write(request);
  await once(rig.client, 'end');
  assert.match(rig.received, unserved);
  assert.deepEqual(rig.served, []);
});

test('a connection that was idle for too long ends with that answer', async () => {
  await using rig = await Rig.start(20);
  await rig.exchange();
  rig.received = '';
  await once(rig.client, 'end');
  assert.match(rig.received, unserved);
});

test('a request that is served meanwhile gets its own answer, and so does one behind it', async () => {
  await using rig = await Rig.start();
  const first = await rig.ask();
  rig.client.write(request);
  await once(rig.server, 'request');
  rig.server.closeIdleConnections();
  first.end('first');
  await rig.receives('first');
  rig.server.closeIdleConnections();
  rig.served[0]?.end('second');
  await rig.receives('second');
  assert.doesNotMatch(rig.received, /408/);
});

test('a request that came during a long answer does not inherit its timeout', async () => {
  await using rig = await Rig.start();
  const long = await rig.ask();
  rig.client.write(request);
  await once(rig.server, 'request');
  const { socket } = long;
  send(long, textResponse(200, 'text/plain', 'x'.repeat(1_000_000), {}));
  assert.equal(socket?.timeout, 60_000);
  while (rig.served.length === 0) await once(rig.client, 'data');
  assert.equal(socket?.timeout, 0);
});
