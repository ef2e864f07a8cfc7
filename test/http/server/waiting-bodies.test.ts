import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Applied, UnavailableError } from '../../../src/member/coordinator.js';
import { until } from '../../cluster/until.js';
import { ApiServer } from '../../support/api-server.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const megabyte = 1_000_000;
const count = 16;
/** The parameter that each request has for its text is the one that is large. */
function bodyOf(request: string): Buffer {
  const name = request.includes('/leader/') ? 'name' : 'value';
  return Buffer.from(`${name}=${'x'.repeat(megabyte)}`);
}

/** The memory of buffers is freed beside the program, some time after the collection. */
function megabytesHeld(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / megabyte;
}

async function send(port: number, request: string): Promise<Socket> {
  const body = bodyOf(request);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    `${request} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n` +
      'Content-Type: application/x-www-form-urlencoded\r\n\r\n',
  );
  socket.write(body);
  return socket;
}

for (const request of [
  'PUT /v2/keys/k',
  'POST /mod/v2/lock/k?ttl=5',
  'PUT /mod/v2/leader/k?ttl=5',
  'PUT /mod/v2/lock/k?ttl=5',
]) {
  test(`what waits for the cluster holds on to nothing of its body, nor does its connection after it: ${request}`, async (t) => {
    await using server = await ApiServer.start();
    const waiting: ((error: Error) => void)[] = [];
    // A member keeps the encoded command, and nothing else of it.
    server.coordinator.propose = () =>
      new Promise<Applied>((_resolve, reject) => {
        waiting.push(reject);
      });
    const sockets: Socket[] = [];
    t.after(() => {
      for (const socket of sockets) socket.destroy();
    });
    const before = megabytesHeld();
    for (let sent = 0; sent < count; sent += 1) sockets.push(await send(server.port, request));
    await until(() => waiting.length === count, 'all wait');
    await until(() => megabytesHeld() - before < count / 4, 'no body is held while all wait');

    const answers = sockets.map((socket) => once(socket, 'data'));
    for (const reject of waiting.splice(0)) reject(new UnavailableError('no leader', 'none'));
    for (const [answer] of await Promise.all(answers))
      assert.match(String(answer), /^HTTP\/1.1 503/);
    await until(() => megabytesHeld() - before < count / 4, 'no body is left behind');
  });
}
