import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { pageRights } from '../../../src/http/access/route-rights.js';
import { operations } from '../../../src/http/openapi/operations.js';
import { until } from '../../support/api-server.js';
import { AuthServer, basic, type UserName } from './auth-server.js';
import { NamedClients } from './named-clients.js';

const clients = new NamedClients();
after(() => clients[Symbol.dispose]());

/** `open`: for everybody. `client`: for everybody who is known. `right`: for who has the right. */
type Access = 'open' | 'client' | 'right';

/** A route as OpenAPI names it, a request to it, and its status when it is served. */
type Row = readonly [route: string, path: string, access: Access, served: number, json?: object];

const newUser = { user: 'a', password: 'x' };

const table: readonly Row[] = [
  ['GET /v2/keys/{path}', '/v2/keys/a', 'right', 404],
  ['GET /v2/keys/{path}', '/v2/keys/a?recursive=true', 'right', 404],
  ['PUT /v2/keys/{path}', '/v2/keys/a?value=1', 'right', 201],
  ['POST /v2/keys/{path}', '/v2/keys/a?value=1', 'right', 201],
  ['DELETE /v2/keys/{path}', '/v2/keys/a', 'right', 404],
  ['DELETE /v2/keys/{path}', '/v2/keys/a?recursive=true', 'right', 404],
  ['POST /mod/v2/lock/{name}', '/mod/v2/lock/a?ttl=9', 'right', 200],
  ['PUT /mod/v2/lock/{name}', '/mod/v2/lock/a?ttl=9&index=1', 'right', 404],
  ['DELETE /mod/v2/lock/{name}', '/mod/v2/lock/a?index=1', 'right', 404],
  ['DELETE /mod/v2/lock/{name}', '/mod/v2/lock/a?index=1&force=true', 'right', 404],
  ['GET /mod/v2/lock/{name}', '/mod/v2/lock/a', 'right', 200],
  ['GET /mod/v2/lock/', '/mod/v2/lock/', 'right', 200],
  ['PUT /mod/v2/leader/{name}', '/mod/v2/leader/a?ttl=9&name=me', 'right', 200],
  ['DELETE /mod/v2/leader/{name}', '/mod/v2/leader/a?name=me', 'right', 404],
  ['GET /mod/v2/leader/{name}', '/mod/v2/leader/a', 'right', 200],
  ['GET /mod/v2/leader/', '/mod/v2/leader/', 'right', 200],
  ['GET /v2/members', '/v2/members', 'client', 200],
  ['POST /v2/members', '/v2/members', 'right', 415],
  ['PUT /v2/members/{id}', '/v2/members/1', 'right', 415],
  ['DELETE /v2/members/{id}', '/v2/members/1', 'right', 204],
  ['GET /v2/members/leader', '/v2/members/leader', 'client', 200],
  ['GET /v2/machines', '/v2/machines', 'client', 200],
  ['GET /v2/leader', '/v2/leader', 'client', 200],
  ['GET /v2/stats/self', '/v2/stats/self', 'right', 200],
  ['GET /v2/stats/leader', '/v2/stats/leader', 'right', 200],
  ['GET /v2/stats/store', '/v2/stats/store', 'right', 200],
  ['GET /v2/stats/cluster', '/v2/stats/cluster', 'right', 200],
  ['GET /v2/stats/history', '/v2/stats/history', 'right', 200],
  ['GET /metrics', '/metrics', 'right', 200],
  ['GET /openapi.json', '/openapi.json', 'client', 200],
  ['POST /v2/admin/transfer-leadership', '/v2/admin/transfer-leadership', 'right', 409],
  ['GET /v2/admin/backup', '/v2/admin/backup', 'right', 200],
  ['GET /v2/auth/enable', '/v2/auth/enable', 'open', 200],
  ['PUT /v2/auth/enable', '/v2/auth/enable', 'right', 409],
  ['GET /v2/auth/self', '/v2/auth/self', 'client', 200],
  ['GET /v2/auth/users', '/v2/auth/users', 'right', 200],
  ['GET /v2/auth/users/{name}', '/v2/auth/users/a', 'right', 404],
  ['PUT /v2/auth/users/{name}', '/v2/auth/users/a', 'right', 201, newUser],
  ['DELETE /v2/auth/users/{name}', '/v2/auth/users/a', 'right', 404],
  ['GET /v2/auth/roles', '/v2/auth/roles', 'right', 200],
  ['GET /v2/auth/roles/{name}', '/v2/auth/roles/a', 'right', 404],
  ['PUT /v2/auth/roles/{name}', '/v2/auth/roles/a', 'right', 201, { role: 'a' }],
  ['DELETE /v2/auth/roles/{name}', '/v2/auth/roles/a', 'right', 404],
  ['DELETE /v2/auth/enable', '/v2/auth/enable', 'right', 200],
  ['GET /version', '/version', 'open', 200],
  ['GET /health', '/health', 'open', 200],
  ['GET /livez', '/livez', 'open', 200],
  ['GET /livez', '/livez/serializable_read', 'open', 200],
  ['GET /readyz', '/readyz', 'open', 200],
  ['GET /mod/dashboard/', '/mod/dashboard/', 'open', 503],
];

const allOfIt = {
  kv: { read: ['/*'], write: ['/*'] },
  lock: { acquire: ['*'], release: ['*'], read: ['*'] },
  election: { acquire: ['*'], release: ['*'], read: ['*'] },
  admin: ['members', 'backup', 'auth', 'status'],
};

interface Caller {
  readonly name: string;
  readonly authorization?: string;
  /** By TLS, with a certificate that has this common name. */
  readonly certificate?: string;
  /** The accesses that are served. */
  readonly served: readonly Access[];
  readonly guest: object;
  readonly before?: (server: AuthServer) => Promise<void>;
}

const as = (name: UserName, password?: string) =>
  basic(name, password ?? { root: 'secret', alice: 'wonderland', nobody: 'nothing' }[name]);
const nothing = {};

const callers: readonly Caller[] = [
  { name: 'no user', served: ['open'], guest: nothing },
  {
    ...{ name: 'a guest with the right', guest: allOfIt },
    served: ['open', 'client', 'right'],
  },
  {
    ...{ name: 'a wrong password', authorization: as('alice', 'wrong'), guest: allOfIt },
    served: ['open'],
  },
  {
    ...{ name: 'an unknown user', authorization: basic('eve', 'x'), guest: allOfIt },
    served: ['open'],
  },
  {
    ...{ name: 'what is no Basic', authorization: 'Bearer abc', guest: allOfIt },
    served: ['open'],
  },
  {
    ...{ name: 'a user without the right', authorization: as('nobody'), guest: allOfIt },
    served: ['open', 'client'],
  },
  {
    ...{ name: 'a user with the right', authorization: as('alice'), guest: nothing },
    served: ['open', 'client', 'right'],
  },
  {
    ...{ name: 'root', authorization: as('root'), guest: nothing },
    served: ['open', 'client', 'right'],
  },
  {
    ...{ name: 'a user revoked a moment ago', authorization: as('alice'), guest: allOfIt },
    served: ['open', 'client'],
    before: async (server) => {
      // The password is known here by now.
      assert.equal((await server.askAs('alice', 'GET', '/v2/keys/a')).status, 404);
      await server.revoke();
    },
  },
  {
    ...{ name: 'a user deleted a moment ago', authorization: as('alice'), guest: allOfIt },
    served: ['open'],
    before: async (server) => {
      assert.equal((await server.askAs('alice', 'GET', '/v2/keys/a')).status, 404);
      await server.askAs('root', 'DELETE', '/v2/auth/users/alice');
    },
  },
  {
    ...{ name: 'a certificate that names no user', certificate: 'eve', guest: allOfIt },
    served: ['open'],
  },
  {
    ...{ name: 'a certificate and a wrong password', certificate: 'root', guest: allOfIt },
    ...{ authorization: as('root', 'wrong'), served: ['open'] },
  },
  {
    ...{ name: 'the certificate of a user without the right', certificate: 'nobody' },
    ...{ served: ['open', 'client'], guest: allOfIt },
  },
  {
    ...{ name: 'the certificate of a user with the right', certificate: 'alice' },
    ...{ served: ['open', 'client', 'right'], guest: nothing },
  },
  {
    ...{ name: 'the certificate of root', certificate: 'root' },
    ...{ served: ['open', 'client', 'right'], guest: nothing },
  },
  {
    ...{ name: 'the certificate of a user revoked a moment ago', certificate: 'alice' },
    ...{ served: ['open', 'client'], guest: allOfIt },
    before: (server) => server.revoke(),
  },
  {
    ...{ name: 'the certificate of a user whose password is new', certificate: 'alice' },
    ...{ served: ['open', 'client', 'right'], guest: nothing },
    before: async (server) => {
      await server.mustPut('users/alice', { user: 'alice', password: 'new' });
    },
  },
  {
    ...{ name: 'the certificate of a user deleted a moment ago', certificate: 'alice' },
    ...{ served: ['open'], guest: allOfIt },
    before: async (server) => {
      await server.askAs('root', 'DELETE', '/v2/auth/users/alice');
    },
  },
];

const refusal =
  /Insufficient credentials|the certificate names \\?"(eve|alice)\\?", and no user has/;

describe('each route is served for', () => {
  for (const { name, authorization, certificate, served, guest, before } of callers) {
    const shown = certificate === undefined ? undefined : clients.of(certificate);
    const named = certificate === undefined ? undefined : clients.named;
    test(name, async () => {
      for (const [route, path, access, status, json] of table) {
        await using server = await AuthServer.start(allOfIt, guest, {}, named);
        await before?.(server);
        const [method = ''] = route.split(' ');
        const answer = await server.ask(authorization, method, path, json, shown);
        const expected = served.includes(access) ? status : 401;
        assert.equal(answer.status, expected, `${method} ${path}: ${answer.body}`);
        if (expected === 401) assert.match(answer.body, refusal);
      }
    });
  }
});

test('the table has every route that the API document has', () => {
  const rows = new Set(table.map(([route]) => route));
  const missing = operations.filter(
    ({ method, path }) => !rows.has(`${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(
    missing.map(({ method, path }) => `${method} ${path}`),
    [],
  );
});

test('a route that nobody thought of is for root alone', () => {
  assert.deepEqual(pageRights('/v2/new', 'GET'), [{ type: 'root' }]);
  assert.deepEqual(pageRights('/v2/members/leader/', 'GET'), [{ type: 'root' }]);
});

test('while users are not asked for, credentials are not looked at', async () => {
  await using server = await AuthServer.open();
  const answer = await server.ask('Bearer abc', 'PUT', '/v2/keys/a?value=1');
  assert.equal(answer.status, 201);
});

describe('a user who is refused', () => {
  test('gets the answers of etcd', async () => {
    await using server = await AuthServer.start();
    const key = await server.askAs('nobody', 'GET', '/v2/keys/a');
    const error = {
      ...{ errorCode: 110, message: 'The request requires user authentication' },
      ...{ cause: 'Insufficient credentials', index: 0 },
    };
    assert.deepEqual(JSON.parse(key.body), error);
    const users = await server.askAs('nobody', 'GET', '/v2/auth/users');
    assert.equal(users.body, '{"message":"Insufficient credentials"}');
  });

  test('gets in when a right was granted that this member does not know of yet', async () => {
    await using server = await AuthServer.start();
    const { coordinator } = server.api;
    for (const user of ['root', 'nobody'] as const) await server.askAs(user, 'GET', '/v2/members');
    const barriers = coordinator.barriers;
    coordinator.holdReads();
    const read = server.askAs('nobody', 'GET', '/v2/keys/a');
    await until(() => coordinator.barriers > barriers);
    await server.mustPut('users/nobody', { user: 'nobody', grant: ['dev'] });
    coordinator.resumeReads();
    assert.equal((await read).status, 404);
  });
});
