import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readLine, readWhole, until } from '../../support/api-server.js';
import { AuthServer } from './auth-server.js';

async function statusOf(server: AuthServer, method: string, path: string): Promise<number> {
  return (await server.askAs('alice', method, path)).status;
}

describe('a read needs the right to all that it shows', () => {
  const reads: readonly (readonly [patterns: readonly string[], path: string, status: number])[] = [
    [['/d'], '/v2/keys/d', 401],
    [['/d', '/d/*'], '/v2/keys/d', 200],
    [['/d*'], '/v2/keys/d', 200],
    [['/d*'], '/v2/keys/d?recursive=true', 200],
    [['/d', '/d/*'], '/v2/keys/d?recursive=true', 401],
    [['/d/*'], '/v2/keys/d/a', 200],
    [['/*'], '/v2/keys/', 200],
    [['/d*'], '/v2/keys/', 401],
    [['/*'], '/v2/keys/?recursive=true', 200],
    [['/*'], '/v2/keys/?recursive=true&hidden=true', 401],
    [['/*'], '/v2/keys/_etcd/mod/lock/job', 401],
    [['/*'], '/v2/keys/_etcd?recursive=true', 401],
    [['/*'], '/v2/keys/d?quorum=false', 200],
    [['/d'], '/v2/keys/d?quorum=false', 401],
    [['/d'], '/v2/keys/d?wait=true&recursive=true', 401],
    [['/*'], '/v2/keys/_etcd/mod/lock?wait=true&recursive=true', 401],
  ];
  for (const [patterns, path, status] of reads) {
    test(`${patterns.join(' and ')}: ${path} is ${status}`, async () => {
      await using server = await AuthServer.start({ kv: { read: patterns, write: [] } });
      await server.askAs('root', 'PUT', '/v2/keys/d/a?value=1');
      await server.askAs('root', 'POST', '/mod/v2/lock/job?ttl=60');
      assert.equal(await statusOf(server, 'GET', path), status);
    });
  }

  test('a list of locks needs the right to all names with its prefix', async () => {
    await using server = await AuthServer.start({ lock: { read: ['a*'] } });
    assert.equal(await statusOf(server, 'GET', '/mod/v2/lock/?prefix=ab'), 200);
    assert.equal(await statusOf(server, 'GET', '/mod/v2/lock/?prefix=b'), 401);
    assert.equal(await statusOf(server, 'GET', '/mod/v2/lock/'), 401);
    assert.equal(await statusOf(server, 'GET', '/mod/v2/leader/?prefix=ab'), 401);
  });
});

describe('whoever may only write', () => {
  test('is not told what was there', async () => {
    await using server = await AuthServer.start({ kv: { read: [], write: ['/a'] } });
    await server.askAs('root', 'PUT', '/v2/keys/a?value=hidden-value');
    for (const path of ['/v2/keys/a?value=new&prevValue=guess', '/v2/keys/a?value=new']) {
      const { body } = await server.askAs('alice', 'PUT', path);
      assert.equal(body.includes('hidden-value'), false, body);
    }
    await server.askAs('root', 'PUT', '/v2/keys/a?value=hidden-value');
    const { status, body } = await server.askAs('alice', 'DELETE', '/v2/keys/a');
    assert.equal(status, 200);
    assert.equal(body.includes('hidden-value'), false, body);
  });

  for (const condition of ['', '&prevExist=true', '&prevIndex=1']) {
    test(`is not told the value that a refresh keeps${condition}`, async () => {
      await using server = await AuthServer.start({ kv: { read: [], write: ['/a'] } });
      await server.askAs('root', 'PUT', '/v2/keys/a?value=hidden-value');
      const path = `/v2/keys/a?refresh=true&ttl=60${condition}`;
      const { status, body } = await server.askAs('alice', 'PUT', path);
      assert.equal(status, 200, body);
      assert.equal(body.includes('hidden-value'), false, body);
      assert.match((await server.askAs('root', 'GET', '/v2/keys/a')).body, /hidden-value/);
    });
  }
});

describe('who loses the right', () => {
  test('to read: the watch ends, and tells nothing that happens after', async () => {
    await using server = await AuthServer.start();
    const watch = await server.open('alice', 'GET', '/v2/keys/a?wait=true&stream=true').head;
    await server.askAs('root', 'PUT', '/v2/keys/a?value=before');
    assert.match(await readLine(watch), /before/);
    await server.revoke();
    await server.askAs('root', 'PUT', '/v2/keys/a?value=after');
    assert.equal((await readWhole(watch)).body, '');
  });

  test('to read, while the read asks the leader: it is refused, and tells nothing', async () => {
    await using server = await AuthServer.start();
    const { coordinator } = server.api;
    await server.askAs('root', 'PUT', '/v2/keys/a?value=hidden-value');
    assert.equal((await server.askAs('alice', 'GET', '/v2/keys/a')).status, 200);
    const before = coordinator.barriers;
    coordinator.holdReads();
    const read = server.askAs('alice', 'GET', '/v2/keys/a');
    await until(() => coordinator.barriers > before);
    await server.revoke();
    coordinator.resumeReads();
    const { status, body } = await read;
    assert.equal(status, 401);
    assert.match(body, /Insufficient credentials/);
    assert.equal(body.includes('hidden-value'), false, body);
  });

  test('as a guest, since users are asked for from now on: the same', async () => {
    await using server = await AuthServer.open();
    const watch = await server.open(undefined, 'GET', '/v2/keys/a?wait=true&stream=true').head;
    const waiting = server.open(undefined, 'GET', '/mod/v2/lock/job?wait=true');
    await until(() => server.api.service.context.waitLimit.describe().used === 2);
    await server.mustPut('roles/guest', { role: 'guest' });
    await server.mustPut('users/root', { user: 'root', password: 'secret' });
    await server.mustPut('enable');
    assert.equal((await readWhole(watch)).body, '');
    assert.equal((await readWhole(await waiting.head)).status, 401);
  });

  test('to see a lock: the stream of its holders ends, and a wait ends with 401', async () => {
    await using server = await AuthServer.start();
    const stream = await server.open('alice', 'GET', '/mod/v2/lock/a', 'text/event-stream').head;
    const waiting = server.open('alice', 'GET', '/mod/v2/lock/a?wait=true');
    await until(() => server.api.service.context.waitLimit.describe().used === 2);
    await server.revoke();
    assert.match((await readWhole(stream)).body, /^event: state/);
    assert.equal((await readWhole(await waiting.head)).status, 401);
  });

  test('to acquire: the queued request ends with 401, and leaves the queue', async () => {
    await using server = await AuthServer.start();
    const { locks } = server.api.coordinator.state;
    await server.askAs('root', 'POST', '/mod/v2/lock/a?ttl=60');
    const queued = [
      server.open('alice', 'POST', '/mod/v2/lock/a?ttl=60&value=x'),
      server.open('alice', 'POST', '/mod/v2/lock/a?ttl=60&value=y&keep=true&timeout=600'),
      server.open('alice', 'POST', '/mod/v2/lock/a?ttl=60&hold=connection'),
    ];
    const other = server.open('root', 'POST', '/mod/v2/lock/a?ttl=60&value=z');
    await until(() => locks.queueSize('lock', 'a').waiting === 4);
    await server.revoke();
    for (const each of queued) {
      const { status, body } = await readWhole(await each.head);
      assert.equal(status, 401);
      assert.match(body, /Insufficient credentials/);
    }
    await until(() => locks.queueSize('lock', 'a').waiting === 1);
    await server.askAs('root', 'DELETE', '/mod/v2/lock/a?index=1&force=true');
    await readWhole(await other.head);
    assert.equal(locks.holder('lock', 'a')?.value, 'z');
  });

  test('to acquire: a lock that is held by a connection is released', async () => {
    await using server = await AuthServer.start();
    const { locks } = server.api.coordinator.state;
    const held = await server.open('alice', 'POST', '/mod/v2/lock/a?ttl=60&hold=connection').head;
    await until(() => locks.holder('lock', 'a') !== undefined);
    await server.revoke();
    await readWhole(held);
    await until(() => locks.holder('lock', 'a') === undefined);
  });

  test('to acquire, in the entry before the grant: no index is told', async () => {
    await using server = await AuthServer.start();
    const { coordinator } = server.api;
    const { body: index } = await server.askAs('root', 'POST', '/mod/v2/lock/a?ttl=60');
    const queued = server.open('alice', 'POST', '/mod/v2/lock/a?ttl=60');
    await until(() => coordinator.state.locks.queueSize('lock', 'a').waiting === 1);
    coordinator.hold();
    const revoked = server.revoke();
    const before = coordinator.proposals;
    const released = server.askAs('root', 'DELETE', `/mod/v2/lock/a?index=${index}`);
    await until(() => coordinator.proposals > before);
    coordinator.resume();
    await Promise.all([revoked, released]);
    assert.equal((await readWhole(await queued.head)).status, 401);
    await until(() => coordinator.state.locks.holder('lock', 'a') === undefined);
  });
});
