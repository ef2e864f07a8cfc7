import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { refusalCodes } from '../../../src/http/server/refusal.js';
import { ApiServer, until } from '../../support/api-server.js';
import { exchange } from '../../support/raw-exchange.js';

const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
const tooMuch = 'a request has at most 100 headers, and with its first line 16384 bytes of them';
const closing = 'Host: x\r\nConnection: close\r\n';

function statuses(answers: string): readonly string[] {
  return [...answers.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status ?? '');
}

function lines(count: number): string {
  return Array.from({ length: count }, (_, i) => `X-${i}: 1\r\n`).join('');
}

for (const [what, bytes, status, why] of [
  ['what is no HTTP', 'hello\r\n\r\n', 400, 'the request is not well-formed HTTP/1.1'],
  [
    'a path with letters that are not escaped',
    `GET /v2/keys/café HTTP/1.1\r\n${closing}\r\n`,
    400,
    'the path or query has a byte that must be escaped',
  ],
  ['a long request line', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${closing}\r\n`, 431, tooMuch],
  ['a flood of headers', `GET /version HTTP/1.1\r\n${closing}${lines(99)}\r\n`, 431, tooMuch],
  [
    'a flood of headers that is in a hurry',
    `GET /version HTTP/1.1\r\n${closing}${lines(1000)}\r\n`,
    431,
    tooMuch,
  ],
  [
    'an expectation that nobody knows',
    `PUT /v2/keys/a HTTP/1.1\r\n${closing}Expect: money\r\nContent-Length: 1\r\n\r\nx`,
    417,
    'only 100-continue can be expected',
  ],
  [
    'CONNECT',
    `CONNECT db.example:5432 HTTP/1.1\r\n${closing}\r\n`,
    405,
    'this member is no proxy: it has no CONNECT',
  ],
  [
    'HTTP/1.1 without a Host header',
    'GET /version HTTP/1.1\r\nConnection: close\r\n\r\n',
    400,
    'a request of HTTP/1.1 has a Host header',
  ],
  [
    'two Host headers',
    `GET /version HTTP/1.1\r\n${closing}hOST: x\r\n\r\n`,
    400,
    'a request has one Host header',
  ],
  [
    'a host that is none',
    'GET /version HTTP/1.1\r\nHost: a, b\r\nConnection: close\r\n\r\n',
    400,
    'the host is malformed',
  ],
  [
    'a user in front of the host',
    `GET http://x@evil.example/version HTTP/1.1\r\n${closing}\r\n`,
    400,
    'the host is malformed',
  ],
  [
    'a chunk of no length',
    `PUT /v2/keys/a HTTP/1.1\r\n${closing}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    400,
    'the request is not well-formed HTTP/1.1',
  ],
  [
    'a length and chunks at once',
    `PUT /v2/keys/a HTTP/1.1\r\n${closing}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc`,
    400,
    'the request is not well-formed HTTP/1.1',
  ],
] as const) {
  test(`${what} is refused with a reason, and the connection closed`, async () => {
    await using server = await ApiServer.start();
    const answer = await exchange(server.port, bytes);
    assert.deepEqual(statuses(answer), [String(status)]);
    assert.match(answer, /^Connection: close\r$/im);
    assert.match(answer, /^Content-Type: application\/json\r$/im);
    const { errorCode, message, cause, index } = JSON.parse(answer.split('\r\n\r\n')[1] ?? '');
    assert.deepEqual([cause, index], [why, 0]);
    assert.deepEqual([errorCode, message], [refusalCodes[status], STATUS_CODES[status]]);
    assert.equal((await server.ask('GET', '/version')).status, 200);
  });
}

test('a hundred headers are not too many', async () => {
  await using server = await ApiServer.start();
  const answer = await exchange(server.port, `GET /version HTTP/1.1\r\n${closing}${lines(98)}\r\n`);
  assert.deepEqual(statuses(answer), ['200']);
});

test('a client that waits for an answer does not get the error of a later request', async () => {
  await using server = await ApiServer.start();
  const watch = 'GET /v2/keys/a?wait=true HTTP/1.1\r\nHost: x\r\n\r\n';
  const socket = connect(server.port, '127.0.0.1').setEncoding('utf8');
  let received = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    received += chunk;
  });
  socket.write(watch);
  await until(() => received.includes('\r\n\r\n'));
  socket.write('garbage\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  assert.deepEqual(statuses(received), ['200'], 'the head of the watch, and nothing after it');
  server.coordinator.hold();
  const put = `PUT /v2/keys/a HTTP/1.1\r\nHost: x\r\n${form}Content-Length: 7\r\n\r\nvalue=1`;
  assert.equal(await exchange(server.port, `${put}garbage\r\n\r\n`), '');
});

test('an error for a broken request follows the answers to earlier requests', async () => {
  await using server = await ApiServer.start();
  const socket = connect(server.port, '127.0.0.1').setEncoding('utf8');
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  socket.write('GET /version HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => received.includes('etcdserver'));
  socket.write('garbage\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  assert.deepEqual(statuses(received), ['200', '400']);
});

test('a 100 Continue is sent only when the body will be read', async () => {
  await using server = await ApiServer.start({ maxRequestBytes: 1000 });
  const put = (path: string, bytes: number) =>
    `PUT ${path} HTTP/1.1\r\nHost: x\r\n${form}Expect: 100-continue\r\nContent-Length: ${bytes}\r\n\r\n`;
  assert.deepEqual(statuses(await exchange(server.port, put('/v2/keys/a', 1001))), ['413']);
  assert.deepEqual(statuses(await exchange(server.port, put('/version', 10))), ['405']);
  assert.deepEqual(statuses(await exchange(server.port, put('/v2/keys/%zz', 10))), ['400']);
  const next = `GET /version HTTP/1.1\r\n${closing}\r\n`;
  const answers = await exchange(server.port, `${put('/v2/keys/a', 7)}value=1${next}`);
  assert.deepEqual(statuses(answers), ['100', '201', '200']);
});

for (const [header, cause] of [
  ['Content-Encoding: gzip', 'the body must come as it is, without a Content-Encoding'],
  ['Transfer-Encoding: gzip, chunked', 'the only Transfer-Encoding that is understood is chunked'],
  [
    'Content-Type: application/x-www-form-urlencoded; charset="latin1"',
    'a form must be in UTF-8, not "latin1"',
  ],
] as const) {
  test(`${header} is refused`, async () => {
    await using server = await ApiServer.start();
    const length = header.startsWith('Transfer') ? '' : 'Content-Length: 7\r\n';
    const type = header.startsWith('Content-Type') ? '' : form;
    const body = length === '' ? '7\r\nvalue=1\r\n0\r\n\r\n' : 'value=1';
    const answer = await exchange(
      server.port,
      `PUT /v2/keys/a HTTP/1.1\r\n${closing}${type}${length}${header}\r\n\r\n${body}`,
    );
    assert.deepEqual(statuses(answer), ['400']);
    const error = JSON.parse(answer.split('\r\n\r\n')[1] ?? '');
    assert.deepEqual([error.errorCode, error.cause], [210, cause]);
  });
}

test('UTF-8 may be named', async () => {
  await using server = await ApiServer.start();
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const question = { method: 'PUT', path: '/v2/keys/a', form: 'value=%C3%A4', headers };
  assert.equal(JSON.parse((await server.askFor(question)).body).node.value, 'ä');
});

test('a form has a bounded number of pairs, and what is wrong is quoted in part', async () => {
  await using server = await ApiServer.start();
  const pairs = (count: number) => Array.from({ length: count }, (_, i) => `p${i}=`).join('&');
  assert.equal((await server.ask('PUT', '/v2/keys/a', pairs(100))).status, 201);
  const many = await server.ask('PUT', '/v2/keys/a', pairs(101));
  assert.equal(JSON.parse(many.body).cause, 'a request has at most 100 parameters');
  const name = 'n'.repeat(100_000);
  const twice = await server.ask('POST', '/mod/v2/lock/a', `${name}&${name}`);
  assert.equal(JSON.parse(twice.body).cause, `parameter given twice: "${'n'.repeat(100)}"`);
});

test('a client that pipelines too many requests is disconnected', async () => {
  await using server = await ApiServer.start();
  const request = 'GET /version HTTP/1.1\r\nHost: x\r\n\r\n';
  const last = `GET /version HTTP/1.1\r\n${closing}\r\n`;
  const enough = await exchange(server.port, request.repeat(999) + last);
  assert.equal(statuses(enough).length, 1000);
  const watch = 'GET /v2/keys/a?wait=true HTTP/1.1\r\nHost: x\r\n\r\n';
  const cut = await exchange(server.port, watch + request.repeat(1001));
  assert.ok(statuses(cut).length <= 1, 'the head of the watch at most');
});

test('a client that resets its connection after CONNECT does no harm', async () => {
  await using server = await ApiServer.start();
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  socket.write('x'.repeat(100_000));
  socket.resetAndDestroy();
  await until(() => server.connections === 0);
  assert.equal((await server.ask('GET', '/version')).status, 200);
});

test('CONNECT behind a request that is not answered yet ends the connection', async () => {
  await using server = await ApiServer.start();
  const watch = 'GET /v2/keys/a?wait=true HTTP/1.1\r\nHost: x\r\n\r\n';
  const answer = await exchange(server.port, `${watch}CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n`);
  assert.doesNotMatch(answer, /CONNECT/);
});
