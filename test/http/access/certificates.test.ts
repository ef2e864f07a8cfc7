import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, describe, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { readLine, readWhole, until } from '../../support/api-server.js';
import { AuthServer, basic } from './auth-server.js';
import { NamedClients } from './named-clients.js';

const clients = new NamedClients();
after(() => clients[Symbol.dispose]());

const noGuest = { kv: { read: [], write: [] } };
const start = () => AuthServer.start(undefined, noGuest, {}, clients.named);

function askBy(server: AuthServer, commonName: string, method: string, path: string) {
  return server.ask(undefined, method, path, undefined, clients.of(commonName));
}

function openBy(server: AuthServer, commonName: string, method: string, path: string) {
  return server.api.open({ method, path, shown: clients.of(commonName) });
}

/** Asks on connections that the test makes. */
async function askOn(socket: TLSSocket, path: string) {
  const outgoing = request({ path, createConnection: () => socket });
  outgoing.setHeader('Connection', 'keep-alive');
  const head = new Promise<Parameters<typeof readWhole>[0]>((resolve, reject) => {
    outgoing.once('response', resolve).once('error', reject);
  });
  outgoing.end();
  return await readWhole(await head);
}

function connectAs(server: AuthServer, commonName: string, session?: Buffer): TLSSocket {
  const { port } = server.api;
  const shown = { host: '127.0.0.1', port, ...clients.of(commonName) };
  return connect(session === undefined ? shown : { ...shown, session });
}

describe('a client whose certificate names a user', () => {
  test('is that user, and learns that it is by its certificate', async () => {
    await using server = await start();
    const { body } = await askBy(server, 'alice', 'GET', '/v2/auth/self');
    const { user, by, roles } = JSON.parse(body);
    assert.deepEqual([user, by, roles.length], ['alice', 'certificate', 1]);
    assert.equal((await askBy(server, 'alice', 'PUT', '/v2/keys/a?value=1')).status, 201);
    assert.equal((await askBy(server, 'alice', 'PUT', '/v2/keys/b?value=1')).status, 401);
    const root = await server.askAs('root', 'GET', '/v2/auth/self');
    assert.match(root.body, /"user":"root","by":"password"/);
  });

  test('is somebody else with a password', async () => {
    await using server = await start();
    const ask = (authorization: string) =>
      server.ask(authorization, 'GET', '/v2/auth/self', undefined, clients.of('alice'));
    assert.equal(JSON.parse((await ask(basic('root', 'secret'))).body).user, 'root');
    assert.equal((await ask(basic('root', 'wrong'))).status, 401);
    assert.equal((await ask('')).status, 401);
  });

  test('goes on when the password changes, and so does what waits', async () => {
    await using server = await start();
    const { locks } = server.api.coordinator.state;
    const { body: index } = await server.askAs('root', 'POST', '/mod/v2/lock/a?ttl=60');
    const queued = openBy(server, 'alice', 'POST', '/mod/v2/lock/a?ttl=60');
    const watch = await openBy(server, 'alice', 'GET', '/v2/keys/a?wait=true&stream=true').head;
    await until(() => locks.queueSize('lock', 'a').waiting === 1);
    await server.mustPut('users/alice', { user: 'alice', password: 'new' });
    await server.askAs('root', 'PUT', '/v2/keys/a?value=after');
    assert.match(await readLine(watch), /after/);
    await server.askAs('root', 'DELETE', `/mod/v2/lock/a?index=${index}`);
    assert.equal((await readWhole(await queued.head)).status, 200);
    assert.equal((await askBy(server, 'alice', 'PUT', '/v2/keys/a?value=1')).status, 200);
  });

  for (const [what, revoke] of [
    ['loses its role', (server: AuthServer) => server.revoke()],
    ['is deleted', (server: AuthServer) => server.askAs('root', 'DELETE', '/v2/auth/users/alice')],
  ] as const) {
    test(`loses what waits when the user ${what}`, async () => {
      await using server = await start();
      const { locks } = server.api.coordinator.state;
      await server.askAs('root', 'POST', '/mod/v2/lock/a?ttl=60');
      const queued = openBy(server, 'alice', 'POST', '/mod/v2/lock/a?ttl=60&hold=connection');
      const watch = await openBy(server, 'alice', 'GET', '/v2/keys/a?wait=true&stream=true').head;
      await until(() => locks.queueSize('lock', 'a').waiting === 1);
      await revoke(server);
      assert.equal((await readWhole(await queued.head)).status, 401);
      assert.equal((await readWhole(watch)).body, '');
      await until(() => locks.queueSize('lock', 'a').waiting === 0);
    });
  }

  test('is refused where its command is applied, behind the end of its user', async () => {
    await using server = await start();
    const { coordinator } = server.api;
    coordinator.hold();
    const before = coordinator.proposals;
    const removed = server.askAs('root', 'DELETE', '/v2/auth/users/alice');
    await until(() => coordinator.proposals > before);
    const put = askBy(server, 'alice', 'PUT', '/v2/keys/a?value=1');
    await until(() => coordinator.proposals > before + 1);
    coordinator.resume();
    assert.equal((await removed).status, 200);
    const { status, body } = await put;
    assert.deepEqual([status, JSON.parse(body).cause], [401, 'Insufficient credentials']);
    assert.equal((await server.askAs('root', 'GET', '/v2/keys/a')).status, 404);
  });

  test('is nobody from the expiry of its certificate on, on an open connection, too', async () => {
    await using server = await start();
    const socket = connectAs(server, 'alice');
    assert.equal((await askOn(socket, '/v2/keys/a')).status, 404);
    server.api.clock.advance(3 * 86_400_000);
    const { status, body } = await askOn(socket, '/v2/keys/a');
    assert.deepEqual([status, JSON.parse(body).cause], [401, 'the certificate has expired']);
    assert.equal((await askOn(socket, '/version')).status, 200);
    socket.destroy();
  });

  test('is that user on a session that it resumes', async () => {
    await using server = await start();
    const first = connectAs(server, 'alice');
    const session = new Promise<Buffer>((resolve) => first.once('session', resolve));
    assert.match((await askOn(first, '/v2/auth/self')).body, /"user":"alice"/);
    first.destroy();
    const second = connectAs(server, 'alice', await session);
    assert.match((await askOn(second, '/v2/auth/self')).body, /"user":"alice"/);
    assert.equal(second.isSessionReused(), true);
    second.destroy();
  });
});

describe('a client whose certificate names no user', () => {
  const cause = 'the certificate names "eve", and no user has that name';

  test('is refused with words that say so, also where a guest would be served', async () => {
    const guest = { kv: { read: ['/*'], write: ['/*'] } };
    await using server = await AuthServer.start(undefined, guest, {}, clients.named);
    const key = await askBy(server, 'eve', 'GET', '/v2/keys/a');
    assert.deepEqual([key.status, JSON.parse(key.body).cause], [401, cause]);
    const page = await askBy(server, 'eve', 'GET', '/v2/auth/self');
    assert.deepEqual([page.status, JSON.parse(page.body).message], [401, cause]);
    const lock = await askBy(server, 'eve', 'POST', '/mod/v2/lock/a?ttl=60');
    assert.deepEqual([lock.status, JSON.parse(lock.body).cause], [401, cause]);
  });

  test('is served what is open to everybody, and all while users are not asked for', async () => {
    await using server = await start();
    assert.equal((await askBy(server, 'eve', 'GET', '/health')).status, 200);
    await server.askAs('root', 'DELETE', '/v2/auth/enable');
    assert.equal((await askBy(server, 'eve', 'PUT', '/v2/keys/a?value=1')).status, 201);
  });
});

test('a certificate names nobody where --client-cert-auth does not say so', async () => {
  const { secure, shown } = clients.named;
  const named = { secure: { ...secure, namesUsers: false }, shown };
  await using server = await AuthServer.start(undefined, { admin: ['status'] }, {}, named);
  const { body } = await askBy(server, 'root', 'GET', '/v2/auth/self');
  assert.match(body, /"user":null,"by":null/);
});
