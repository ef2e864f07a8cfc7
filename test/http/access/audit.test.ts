import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { AuditSink } from '../../../src/service/audit-log.js';
import { readWhole, until } from '../../support/api-server.js';
import { AuthServer, basic, type Named } from './auth-server.js';
import { NamedClients } from './named-clients.js';

const clients = new NamedClients();
after(() => clients[Symbol.dispose]());

class Lines implements AuditSink {
  readonly lines: string[] = [];
  isWell = true;

  async write(line: string): Promise<boolean> {
    if (this.isWell) this.lines.push(line);
    return this.isWell;
  }

  /** Without what differs from run to run. */
  take(): readonly object[] {
    return this.lines.splice(0).map((line) => {
      assert.match(line, /^\{"time":"[-0-9T:.]+Z",.*\}\n$/);
      const { time: _, from, ...rest } = JSON.parse(line);
      assert.match(from, /^127\.0\.0\.1 [0-9]+$/);
      return rest;
    });
  }
}

async function audited(sink: Lines, isRequired = false, named?: Named): Promise<AuthServer> {
  const audit = { sink, isRequired };
  const server = await AuthServer.start(undefined, undefined, { audit }, named);
  sink.take();
  return server;
}

const member = 'local';

test('each change is told: who, from where, what, what came of it, and the index', async () => {
  const sink = new Lines();
  await using server = await audited(sink);
  await server.askAs('alice', 'PUT', '/v2/keys/a%20b?value=secret-value&ttl=60');
  await server.askAs(undefined, 'PUT', '/v2/keys/g?value=secret-value');
  const { body } = await server.askAs('alice', 'POST', '/mod/v2/lock/a?ttl=60&value=secret-value');
  await server.askAs('alice', 'DELETE', `/mod/v2/lock/a?index=${body}&force=true`);
  await server.askAs('alice', 'PUT', '/v2/auth/users/bob', { user: 'bob', password: 'secret-pw' });
  const text = sink.lines.join('');
  assert.ok(!/secret|wonderland/.test(text), text);
  const alice = { member, user: 'alice' };
  assert.deepEqual(sink.take(), [
    { ...alice, method: 'PUT', path: '/v2/keys/a b', status: 201, index: 1 },
    { member, method: 'PUT', path: '/v2/keys/g', status: 201, index: 2 },
    { ...alice, method: 'POST', path: '/mod/v2/lock/a', status: 200, index: 3 },
    { ...alice, method: 'DELETE', path: '/mod/v2/lock/a', forced: true, status: 200, index: 4 },
    { ...alice, method: 'PUT', path: '/v2/auth/users/bob', status: 201 },
  ]);
});

test('each refusal is told, of reads too, and whom the client claimed to be', async () => {
  const sink = new Lines();
  await using server = await audited(sink);
  await server.askAs('nobody', 'GET', '/v2/keys/a');
  await server.ask(basic('alice', 'secret-pw'), 'GET', '/v2/keys/a');
  await server.ask(undefined, 'GET', '/v2/stats/self');
  await server.askAs('alice', 'GET', '/v2/keys/a');
  assert.ok(!sink.lines.join('').includes('secret-pw'));
  assert.deepEqual(sink.take(), [
    { member, user: 'nobody', method: 'GET', path: '/v2/keys/a', status: 401, index: 0 },
    { member, claimed: 'alice', method: 'GET', path: '/v2/keys/a', status: 401, index: 0 },
    { member, method: 'GET', path: '/v2/stats/self', status: 401 },
  ]);
});

test('who is named by a certificate is told so, and whom one names that is no user', async () => {
  const sink = new Lines();
  await using server = await audited(sink, false, clients.named);
  const put = (name: string) =>
    server.ask(undefined, 'PUT', '/v2/keys/a?value=1', undefined, clients.of(name));
  await put('alice');
  await put('eve');
  const page = '/v2/auth/users/bob';
  await server.ask(undefined, 'DELETE', page, undefined, clients.of('root'));
  await server.askAs('root', 'DELETE', '/v2/auth/enable');
  await put('eve');
  const change = { member, method: 'PUT', path: '/v2/keys/a' };
  const by = 'certificate';
  const removal = { member, method: 'DELETE' };
  assert.deepEqual(sink.take(), [
    { ...change, user: 'alice', by, status: 201, index: 1 },
    { ...change, claimed: 'eve', by, status: 401, index: 0 },
    { ...removal, user: 'root', by, path: page, status: 404 },
    { ...removal, user: 'root', path: '/v2/auth/enable', status: 200 },
    { ...change, claimed: 'eve', by, status: 200, index: 2 },
  ]);
});

test('a request for a lock is told when its wait is over', async () => {
  const sink = new Lines();
  await using server = await audited(sink);
  await server.askAs('alice', 'POST', '/mod/v2/lock/a?ttl=60');
  const { locks } = server.api.coordinator.state;
  const queued = server.open('alice', 'POST', '/mod/v2/lock/a?ttl=60&value=x');
  await until(() => locks.queueSize('lock', 'a').waiting === 1);
  sink.take();
  await server.revoke();
  await readWhole(await queued.head);
  const [line] = sink.take().filter((each) => 'user' in each && each.user === 'alice');
  const { index: _, ...refused } = line as { readonly index: number };
  const lock = { method: 'POST', path: '/mod/v2/lock/a' };
  assert.deepEqual(refused, { member, user: 'alice', ...lock, status: 401 });
});

describe('when no line can be written', () => {
  test('changes go on', async () => {
    const sink = new Lines();
    await using server = await audited(sink);
    sink.isWell = false;
    assert.equal((await server.askAs('alice', 'PUT', '/v2/keys/a?value=1')).status, 201);
  });

  test('nothing changes where the audit log is required, and reads go on', async () => {
    const sink = new Lines();
    await using server = await audited(sink, true);
    sink.isWell = false;
    for (const [method, path] of [
      ['PUT', '/v2/keys/a?value=1'],
      ['POST', '/mod/v2/lock/a?ttl=60'],
      ['POST', '/v2/admin/transfer-leadership'],
    ] as const) {
      const { status, body, headers } = await server.askAs('root', method, path);
      assert.deepEqual([status, JSON.parse(body).errorCode], [503, 303], path);
      assert.equal(headers['retry-after'], '1');
    }
    const user = { user: 'bob', password: 'x' };
    assert.equal((await server.askAs('root', 'PUT', '/v2/auth/users/bob', user)).status, 503);
    assert.equal((await server.askAs('root', 'GET', '/v2/keys/')).status, 200);
    sink.isWell = true;
    assert.equal((await server.askAs('root', 'PUT', '/v2/keys/a?value=1')).status, 201);
  });
});
