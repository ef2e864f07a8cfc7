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
const body = Buffer.from(`value=${'x'.repeat(megabyte)}`);

function megabytesHeld(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / megabyte;
}

async function put(port: number, key: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    `PUT /v2/keys/${key} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n` +
      'Content-Type: application/x-www-form-urlencoded\r\n\r\n',
  );
  socket.write(body);
  return socket;
}

test('a write that waits for the cluster holds on to nothing of its body, nor does its connection after it', async (t) => {
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
  for (let key = 0; key < count; key += 1) sockets.push(await put(server.port, `k${key}`));
  await until(() => waiting.length === count, 'all wait');
  const held = megabytesHeld() - before;
  assert.ok(held < count / 4, `${held.toFixed(1)} MB while ${count} bodies of 1 MB wait`);

  const answers = sockets.map((socket) => once(socket, 'data'));
  for (const reject of waiting.splice(0)) reject(new UnavailableError('no leader', 'none'));
  for (const [answer] of await Promise.all(answers)) assert.match(String(answer), /^HTTP\/1.1 503/);
  const left = megabytesHeld() - before;
  assert.ok(left < count / 4, `${left.toFixed(1)} MB once ${count} requests were answered`);
});
