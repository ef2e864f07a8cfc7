import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { LiveCredentials } from '../../../src/tls/live-credentials.js';
import { ApiServer } from '../../support/api-server.js';
import { Authority, type Issued, pemOf } from '../../support/certificates.js';
import { LogRecorder } from '../../support/log-recorder.js';

const authority = new Authority();
after(() => authority[Symbol.dispose]());
const alice = authority.issue({ commonName: 'alice', names: [] });
const bob = authority.issue({ commonName: 'bob', names: [] });
const crlFile = authority.revoke('in-use.crl', []);
const logger = new LogRecorder();
let laterMs = 0;

function said(): readonly string[] {
  return logger.take().filter((line) => !/expires soon/.test(line));
}

async function opened(): Promise<LiveCredentials> {
  const own = authority.issue();
  const files = { ...own, trustedCaFile: authority.caFile, crlFile, flagPrefix: '' } as const;
  const all = { ...files, minVersion: 'TLSv1.2' } as const;
  const live = await LiveCredentials.open({
    files: all,
    wallNow: () => Date.now() + laterMs,
    logger,
  });
  assert(live.ok, live.ok ? '' : live.error);
  return live.value;
}

function dial(port: number, issued: Issued, session?: Buffer): TLSSocket {
  const ca = pemOf({ certFile: authority.caFile, keyFile: authority.caFile }).cert;
  const options = { host: '127.0.0.1', port, ca, ...pemOf(issued) };
  const socket = connect(session === undefined ? options : { ...options, session });
  socket.on('error', () => {});
  return socket.setEncoding('latin1');
}

/** The head of the answer; nothing when the connection is refused. */
async function answerOn(socket: TLSSocket): Promise<string> {
  let answer = '';
  const onData = (text: string) => {
    answer += text;
    if (answer.includes('\r\n\r\n')) socket.emit('answered');
  };
  socket.on('data', onData);
  socket.write('GET /version HTTP/1.1\r\nHost: a\r\n\r\n');
  const ended = new AbortController();
  const { signal } = ended;
  await Promise.race(['answered', 'close'].map((event) => once(socket, event, { signal })));
  ended.abort();
  socket.off('data', onData);
  return answer.split('\r\n')[0] ?? '';
}

const served = 'HTTP/1.1 200 OK';

test('a list that is read anew refuses whom it names, also on a resumed session', async () => {
  const live = await opened();
  await using server = await ApiServer.start({}, {}, live);
  const open = dial(server.port, alice);
  const session = new Promise<Buffer>((resolve) => open.once('session', resolve));
  assert.equal(await answerOn(open), served);
  const again = dial(server.port, alice, await session);
  assert.equal(await answerOn(again), served);
  assert.equal(again.isSessionReused(), true);
  copyFileSync(authority.revoke('next.crl', [alice]), crlFile);
  for (let look = 0; look < 2; look += 1) await live.look();
  assert.deepEqual(said(), ['info certificates read again']);
  assert.equal(await answerOn(dial(server.port, alice)), '');
  assert.equal(await answerOn(dial(server.port, alice, await session)), '');
  assert.equal(await answerOn(dial(server.port, bob)), served);
  assert.equal(await answerOn(open), served, 'what is open stays open');
  for (const socket of [open, again]) socket.destroy();
});

test('a list that has expired is refused, and the one before goes on', async () => {
  copyFileSync(authority.revoke('bobs.crl', [bob]), crlFile);
  const live = await opened();
  await using server = await ApiServer.start({}, {}, live);
  copyFileSync(authority.revoke('old.crl', [], { isExpired: true }), crlFile);
  await live.readAgain();
  assert.deepEqual(said(), ['error new certificates refused: the old ones go on']);
  assert.equal(await answerOn(dial(server.port, bob)), '');
  assert.equal(await answerOn(dial(server.port, alice)), served);
});

test('a list that is over is told once a day', async () => {
  copyFileSync(authority.revoke('short.crl', []), crlFile);
  const live = await opened();
  laterMs = 3 * 86_400_000;
  const told = 'error a list of revoked certificates has expired';
  for (let look = 0; look < 3; look += 1) await live.look();
  assert.deepEqual(
    logger.take().filter((line) => line === told),
    [told],
  );
});
