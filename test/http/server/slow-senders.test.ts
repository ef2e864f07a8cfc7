import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { ApiServer, until } from '../../support/api-server.js';
import { exchange } from '../../support/raw-exchange.js';

const shortTimeouts = { headersTimeoutMs: 1000, requestTimeoutMs: 1000, checkIntervalMs: 100 };

function open(port: number, bytes: string): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  socket.write(bytes);
  return socket;
}

test('a slow sender gets an error, and a client that waits for an answer is not disconnected', async () => {
  await using server = await ApiServer.start({}, shortTimeouts);
  await using slow = new SlowSenders(server.port, 1);
  const watch = server.open({ method: 'GET', path: '/v2/keys/a?wait=true' });
  const lock = server.open({ method: 'POST', path: '/mod/v2/lock/a?ttl=5' });
  await lock.head;
  const waiter = server.open({ method: 'POST', path: '/mod/v2/lock/a?ttl=5' });
  const half = exchange(server.port, 'GET /version HTTP/1.1\r\nHost:');
  assert.match(await half, /^HTTP\/1.1 408 .*"cause":"the request took too long to come"/s);
  await slow.allGone();
  assert.equal(server.coordinator.stateMachine.keys.statistics().watchers, 1);
  await server.ask('DELETE', '/mod/v2/lock/a?index=1');
  assert.equal((await waiter.head).statusCode, 200);
  watch.leave();
});

test('a thousand slow senders delay nobody else, and are all disconnected', async () => {
  const limits = { ...shortTimeouts, headersTimeoutMs: 3000, requestTimeoutMs: 3000 };
  await using server = await ApiServer.start({}, limits);
  const alone = await medianMs(server);
  await using slow = new SlowSenders(server.port, 1000);
  await until(() => slow.connected === 1000);
  const crowded = await medianMs(server);
  assert.ok(server.connections > 900, 'they are still there');
  assert.ok(crowded < 5 * alone + 10, `${crowded} ms instead of ${alone} ms`);
  await slow.allGone();
});

/** Some never end their headers, some never end their bodies, and some never begin. */
class SlowSenders implements AsyncDisposable {
  readonly #sockets: Socket[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(port: number, count: number) {
    const beginnings = [
      'GET /version HTTP/1.1\r\nX-Long: ',
      'PUT /v2/keys/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nvalue=',
      'PUT /v2/keys/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n',
      '',
    ];
    for (let i = 0; i < count; i += 1) {
      const socket = open(port, beginnings[i % beginnings.length] ?? '');
      socket.once('connect', () => {
        this.connected += 1;
      });
      this.#sockets.push(socket);
    }
    this.#timer = setInterval(() => this.#sendOn(), 300);
  }

  connected = 0;

  #sendOn(): void {
    for (const [i, socket] of this.#sockets.entries()) if (i % 4 < 3) socket.write('x');
  }

  async allGone(): Promise<void> {
    await until(() => this.#sockets.every(({ closed }) => closed));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
  }
}

async function medianMs(server: ApiServer): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 51; i += 1) {
    const startedAt = performance.now();
    assert.equal((await server.ask('POST', '/v2/keys/a', `value=${i}`)).status, 201);
    times.push(performance.now() - startedAt);
  }
  return times.sort((a, b) => a - b)[25] ?? 0;
}
