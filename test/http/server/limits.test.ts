import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { ApiServer } from '../../support/api-server.js';
import { exchange } from '../../support/raw-exchange.js';

test('a body over the limit is refused before it is read whole', async () => {
  await using server = await ApiServer.start({ maxRequestBytes: 1000 });
  assert.equal((await server.ask('PUT', '/v2/keys/a', `value=${'x'.repeat(994)}`)).status, 201);
  const answer = await server.ask('PUT', '/v2/keys/a', `value=${'x'.repeat(995)}`);
  assert.equal(answer.status, 413);
  const { errorCode, cause } = JSON.parse(answer.body);
  assert.deepEqual([errorCode, cause], [213, 'the limit is 1000 bytes']);
  const unfinished = await exchange(
    server.port,
    'PUT /v2/keys/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100000\r\n\r\nvalue=',
  );
  assert.match(unfinished, /^HTTP\/1.1 413 /);
});

test('a body without a length is counted as it comes', async () => {
  await using server = await ApiServer.start({ maxRequestBytes: 1000 });
  const chunk = `3e8\r\n${'x'.repeat(1000)}\r\n`;
  const answer = await exchange(
    server.port,
    'PUT /v2/keys/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n' +
      `Content-Type: application/x-www-form-urlencoded\r\n\r\n${chunk}${chunk}`,
  );
  assert.match(answer, /^HTTP\/1.1 413 /);
});

test('a client that goes on sending after a refusal is disconnected', async () => {
  await using server = await ApiServer.start({ maxRequestBytes: 1000 });
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write('PUT /v2/keys/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n');
  const feed = () => {
    while (!socket.destroyed && socket.write('x'.repeat(65_536)));
  };
  socket.on('drain', feed);
  feed();
  await closed;
  assert(socket.bytesWritten < 100_000_000, 'of the 1 GB that were announced');
});

for (const [what, form, cause] of [
  ['a broken escape', 'value=%zz', 'invalid URL escape "%zz"'],
  ['an escape that is not UTF-8', 'value=%ff', 'the URL escapes are not UTF-8'],
] as const) {
  test(`${what} in a body is refused`, async () => {
    await using server = await ApiServer.start();
    const answer = await server.ask('PUT', '/v2/keys/a', form);
    assert.equal(answer.status, 400);
    const error = JSON.parse(answer.body);
    assert.deepEqual([error.errorCode, error.cause], [210, cause]);
  });
}

test('a body that is not UTF-8 is refused, and not changed into something else', async () => {
  await using server = await ApiServer.start();
  const head = 'PUT /v2/keys/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 7\r\n';
  const type = 'Content-Type: application/x-www-form-urlencoded\r\n\r\n';
  const answer = await exchange(server.port, Buffer.from(`${head}${type}value=\xff`, 'latin1'));
  assert.match(answer, /^HTTP\/1.1 400 [\s\S]*the body is not UTF-8/);
});

test('a body of another type is ignored, as in etcd', async () => {
  await using server = await ApiServer.start();
  const answer = await server.askFor({
    method: 'PUT',
    path: '/v2/keys/a?value=query',
    form: '{"value":"body"}',
    headers: { 'Content-Type': 'application/json' },
  });
  assert.equal(JSON.parse(answer.body).node.value, 'query');
});

for (const [path, key] of [
  ['/v2/keys/x%2Fy', '/x/y'],
  ['/v2/keys/%252F', '/%2F'],
  ['/v2/keys/__proto__/constructor', '/__proto__/constructor'],
  ['/v2/keys/a+b', '/a+b'],
] as const) {
  test(`${path} is the key ${key}`, async () => {
    await using server = await ApiServer.start();
    const answer = await server.ask('PUT', path, 'value=1');
    assert.equal(JSON.parse(answer.body).node.key, key);
  });
}

for (const path of ['/v2/keys/%zz', '/v2/keys/%ff', `/v2/keys/${'a/'.repeat(300)}`]) {
  test(`${path.slice(0, 20)} is no key`, async () => {
    await using server = await ApiServer.start();
    const answer = await server.ask('PUT', path, 'value=1');
    assert.equal(answer.status, 400);
    assert.equal(JSON.parse(answer.body).errorCode, 210);
  });
}

test('pipelined requests are served one after the other', async () => {
  await using server = await ApiServer.start();
  const put = (value: string) =>
    'PUT /v2/keys/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n' +
    `Content-Length: ${value.length + 6}\r\n\r\nvalue=${value}`;
  const last = 'GET /v2/keys/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const answers = await exchange(server.port, `${put('one')}${put('two')}${last}`);
  assert.deepEqual(
    [...answers.matchAll(/^HTTP\/1.1 (\d+)/gm)].map(([, status]) => status),
    ['201', '200', '200'],
  );
  assert.match(answers, /"action":"get","node":\{"key":"\/a","value":"two"/);
});
