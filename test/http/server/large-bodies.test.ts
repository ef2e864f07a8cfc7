import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { type Applied, UnavailableError } from '../../../src/member/coordinator.js';
import { until } from '../../cluster/until.js';
import { ApiServer, type Pending, readWhole } from '../../support/api-server.js';

const megabyte = 1_000_000;
/** As many as fit in 16 MiB, and some more. */
const admitted = 16;
const count = 24;
const path = '/v2/keys/k';
const form = `value=${'x'.repeat(megabyte)}`;

/** A member that has no quorum: whatever is proposed waits. */
async function startAlone() {
  const server = await ApiServer.start();
  const proposed: ((error: Error) => void)[] = [];
  server.coordinator.propose = () =>
    new Promise<Applied>((_resolve, reject) => {
      proposed.push(reject);
    });
  const failNext = () => proposed.shift()?.(new UnavailableError('no leader', 'none'));
  return { server, proposed, failNext };
}

async function causeOf({ head }: Pending): Promise<string> {
  const { status, headers, body } = await readWhole(await head);
  assert.deepEqual([status, headers['retry-after']], [503, '1']);
  const { errorCode, cause } = JSON.parse(body);
  assert.equal(errorCode, 301);
  return cause;
}

test('large writes beyond what fits in memory wait unread, and follow as others are answered', async () => {
  const { server, proposed, failNext } = await startAlone();
  await using _ = server;
  const open = () => server.open({ method: 'PUT', path, form });
  const causes = Array.from({ length: count }, () => causeOf(open()));
  await until(() => proposed.length === admitted, 'as many are proposed as fit');
  await until(() => server.clock.timerCount === count - admitted, 'the others wait');
  assert.equal(proposed.length, admitted);

  const small = server.ask('PUT', path, 'value=small');
  await until(() => proposed.length === admitted + 1, 'a small write does not wait');
  failNext();
  await until(() => server.clock.timerCount === count - admitted - 1, 'the next one follows');
  await until(() => proposed.length === admitted + 1, 'it is proposed');

  server.clock.advance(3000);
  await until(() => server.clock.timerCount === 0, 'those that still wait are refused');
  while (proposed.length > 0) failNext();
  assert.equal((await small).status, 503);
  const refused = (await Promise.all(causes)).filter((cause) => cause.includes('left no room'));
  assert.equal(refused.length, count - admitted - 1);
});

test('lock requests with large values count while they are read only, since they wait for hours', async () => {
  const { server, proposed } = await startAlone();
  await using _ = server;
  for (let sent = 0; sent < count; sent += 1) {
    server.open({ method: 'POST', path: '/mod/v2/lock/k?ttl=5', form });
  }
  await until(() => proposed.length === count, 'all are proposed');
});

test('a client that leaves before its large body is admitted blocks nobody', async () => {
  const { server, proposed, failNext } = await startAlone();
  await using _ = server;
  const open = () => server.open({ method: 'PUT', path, form });
  for (let sent = 0; sent < admitted; sent += 1) open();
  await until(() => proposed.length === admitted, 'as many are proposed as fit');
  const leaving = connect(server.port, '127.0.0.1');
  leaving.write(`PUT ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${megabyte}\r\n\r\nvalue=`);
  await until(() => server.clock.timerCount === 1, 'it waits');
  leaving.destroy();
  await until(() => server.clock.timerCount === 0, 'it waits no more');
  const last = open();
  await until(() => server.clock.timerCount === 1, 'the last one waits');
  failNext();
  await until(() => proposed.length === admitted, 'the last one is proposed');
  while (proposed.length > 0) failNext();
  assert.match(await causeOf(last), /no leader/);
});

test('a large write is refused unread while no majority can confirm it, and the next one is served', async () => {
  await using server = await ApiServer.start();
  server.coordinator.isLost = true;
  const client = connect(server.port, '127.0.0.1').setEncoding('utf8');
  let answers = '';
  client.on('data', (text) => {
    answers += text;
  });
  const head = `PUT ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${form.length}\r\n`;
  const type = 'Content-Type: application/x-www-form-urlencoded\r\n\r\n';
  client.write(head + type + form.slice(0, 1000));
  await until(() => answers.includes('too few members answer'), 'the rest is not waited for');
  assert.match(answers, /^HTTP\/1.1 503 /);

  server.coordinator.isLost = false;
  client.write(form.slice(1000) + head + type + form);
  await until(() => answers.includes('HTTP/1.1 201 '), 'the same connection is served');
  client.destroy();
});
