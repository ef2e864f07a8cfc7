import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { ApiServer } from '../../support/api-server.js';

const before = 'PUT /v2/keys/before HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
/** It is redirected before its body is asked for, and its connection ends with that. */
const last =
  'PUT /v2/keys//last HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n';
const behind = `PUT /v2/keys/behind HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n${'x'.repeat(60_000)}`;

test('a client that sends more than is answered gets all answers up to the last one', async () => {
  await using server = await ApiServer.start();
  const socket = connect(server.port, '127.0.0.1').setEncoding('latin1');
  let answers = '';
  socket.on('data', (text) => {
    answers += text;
  });
  let reset: Error | undefined;
  socket.on('error', (error) => {
    reset = error;
  });
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.write(before.repeat(100) + last + behind.repeat(100));
  await ended;
  assert.equal(reset, undefined);
  const statuses = [...answers.matchAll(/^HTTP\/1.1 (\d+)/gm)].map(([, status]) => status);
  assert.deepEqual(statuses, ['201', ...Array(99).fill('200'), '301']);
  assert.equal((await server.ask('GET', '/v2/keys/behind')).status, 404);
});

for (const [what, bytes] of [
  ['the last answer', last],
  ['the answer to what is no HTTP', 'hello\r\n\r\n'],
] as const) {
  test(`a client that does not close its end is disconnected soon after ${what}`, async () => {
    await using server = await ApiServer.start();
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => socket.destroy());
    socket.once('end', () => {
      const more = setInterval(() => socket.write('x'), 100);
      socket.once('close', () => clearInterval(more));
    });
    socket.write(bytes);
    await closed;
  });
}

test('a request that comes after the last answer has no effect', async () => {
  await using server = await ApiServer.start();
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.resume();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.once('end', () => {
    socket.end('PUT /v2/keys/late HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
  });
  socket.write('PUT /v2/keys/a HTTP/1.1\r\nHost: x\r\nExpect: money\r\nContent-Length: 0\r\n\r\n');
  await closed;
  assert.equal((await server.ask('GET', '/v2/keys/late')).status, 404);
});
