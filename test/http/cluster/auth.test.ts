import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiServer } from '../../support/api-server.js';
import { AuthServer } from '../access/auth-server.js';

const root = '{"role":"root","permissions":{"kv":{"read":["/*"],"write":["/*"]}}}';

type Case = readonly [method: string, path: string, status: number, body: string, json?: object];

async function expect(server: ApiServer, [method, path, status, body, json]: Case): Promise<void> {
  const form = json === undefined ? undefined : JSON.stringify(json);
  const answer = await server.ask(method, path, form);
  assert.deepEqual([answer.status, answer.body], [status, body], `${method} ${path}`);
  assert.equal(answer.headers['content-type'], 'application/json');
  assert.ok(answer.headers['x-etcd-cluster-id'] !== undefined);
}

function message(text: string): string {
  return JSON.stringify({ message: text });
}

describe('users and roles are answered as etcd 3.4.23 does with auth off', () => {
  const cases: readonly Case[] = [
    ['GET', '/v2/auth/enable', 200, '{"enabled":false}\n'],
    ['DELETE', '/v2/auth/enable', 409, message('auth: already disabled')],
    ['PUT', '/v2/auth/enable', 409, message('auth: No root user available, please create one')],
    ['GET', '/v2/auth/users', 200, '{"users":null}\n'],
    ['GET', '/v2/auth/users/', 200, '{"users":null}\n'],
    ['GET', '/v2/auth/users/a', 404, message('auth: User a does not exist.')],
    ['GET', '/v2/auth/users/a/b', 400, message('Invalid path')],
    ['DELETE', '/v2/auth/users/a', 404, message('auth: User a does not exist')],
    ['PUT', '/v2/auth/users/a', 400, message('Invalid JSON in request body.')],
    ['GET', '/v2/auth/roles', 200, `{"roles":[${root}]}\n`],
    ['GET', '/v2/auth/roles/', 200, `{"roles":[${root}]}\n`],
    ['GET', '/v2/auth/roles/root', 200, `${root}\n`],
    ['GET', '/v2/auth/roles/a', 404, message('auth: Role a does not exist.')],
    ['GET', '/v2/auth/roles/a/b', 400, message('Invalid path')],
    ['DELETE', '/v2/auth/roles/a', 404, message("auth: Role a doesn't exist.")],
    ['DELETE', '/v2/auth/roles/root', 403, message('auth: Cannot modify role root: is root role.')],
  ];
  for (const each of cases) {
    test(`${each[0]} ${each[1]}`, async () => {
      await using server = await AuthServer.open();
      await expect(server.api, each);
    });
  }
});

test('a life of users and roles has the answers of etcd', async () => {
  await using server = await AuthServer.open();
  const kv = (read: readonly string[], write: readonly string[]) => ({ kv: { read, write } });
  const dev = { role: 'dev', permissions: kv(['/a', '/b/*'], []) };
  const cases: readonly Case[] = [
    [
      ...(['PUT', '/v2/auth/roles/dev', 201] as const),
      '{"role":"dev","permissions":{"kv":{"read":null,"write":null}}}\n',
      { role: 'dev', permissions: { kv: { read: null, write: null } } },
    ],
    [
      ...(['PUT', '/v2/auth/roles/dev', 409, message('auth: Role dev already exists.')] as const),
      { role: 'dev' },
    ],
    [
      ...(['PUT', '/v2/auth/roles/dev', 200, `${JSON.stringify(dev)}\n`] as const),
      { role: 'dev', grant: kv(['/b/*', '/a'], []) },
    ],
    [
      'PUT',
      '/v2/auth/roles/dev',
      409,
      message('auth: Granting duplicate read permission /a'),
      { role: 'dev', grant: kv(['/a'], []) },
    ],
    [
      'PUT',
      '/v2/auth/roles/dev',
      400,
      message('Role JSON contains both permissions and grant/revoke'),
      { role: 'dev', permissions: kv(['/a'], []), grant: kv(['/c'], []) },
    ],
    [
      'PUT',
      '/v2/auth/roles/dev',
      400,
      message('Role JSON name does not match the name in the URL'),
      { role: 'ops' },
    ],
    [
      'PUT',
      '/v2/auth/users/root',
      201,
      '{"user":"root","roles":["root"]}\n',
      { user: 'root', password: 'x' },
    ],
    [
      ...(['PUT', '/v2/auth/users/a', 201, '{"user":"a","roles":null}\n'] as const),
      { user: 'a', password: 'x' },
    ],
    [
      'PUT',
      '/v2/auth/users/b',
      400,
      message('auth: Cannot create user b with an empty password'),
      { user: 'b' },
    ],
    [
      'PUT',
      '/v2/auth/users/a',
      200,
      '{"user":"a","roles":["dev"]}\n',
      { user: 'a', grant: ['dev'] },
    ],
    [
      'PUT',
      '/v2/auth/users/a',
      400,
      message('User JSON contains both roles and grant/revoke'),
      { user: 'a', roles: ['dev'], grant: ['dev'] },
    ],
    [
      'PUT',
      '/v2/auth/users/a',
      400,
      message('User JSON name does not match the name in the URL'),
      { user: 'b' },
    ],
    [
      'PUT',
      '/v2/auth/users/a',
      400,
      message('auth: User not updated. Use grant/revoke/password to update the user.'),
      { user: 'a' },
    ],
    ['GET', '/v2/auth/users/a', 200, `${JSON.stringify({ user: 'a', roles: [dev] })}\n`],
    [
      'GET',
      '/v2/auth/users',
      200,
      `{"users":[{"user":"a","roles":[${JSON.stringify(dev)}]},{"user":"root","roles":[${root}]}]}\n`,
    ],
    ['GET', '/v2/auth/roles', 200, `{"roles":[${JSON.stringify(dev)},${root}]}\n`],
    ['DELETE', '/v2/auth/users/a', 200, ''],
    ['DELETE', '/v2/auth/roles/dev', 200, ''],
    ['PUT', '/v2/auth/enable', 200, ''],
    ['GET', '/v2/auth/enable', 200, '{"enabled":true}\n'],
    ['GET', '/v2/auth/users', 401, message('Insufficient credentials')],
  ];
  for (const each of cases) await expect(server.api, each);
});

describe('permissions beyond those of etcd', () => {
  test('are shown as they were given', async () => {
    await using server = await AuthServer.open();
    const permissions = {
      kv: { read: [], write: [] },
      lock: { acquire: ['deploy/*'], release: [], read: ['*'] },
      election: { acquire: ['web'], release: ['web'], read: [] },
      admin: ['members', 'status'],
    };
    await server.mustPut('roles/ops', { role: 'ops', permissions });
    const { body } = await server.askAs(undefined, 'GET', '/v2/auth/roles/ops');
    assert.deepEqual(JSON.parse(body), { role: 'ops', permissions });
  });

  const slips: readonly (readonly [string, object])[] = [
    ['there is no permission locks.read', { locks: { read: ['a'] } }],
    ['there is no permission lock.write', { lock: { write: ['a'] } }],
    ['lock.read is a list of patterns', { lock: { read: 'a' } }],
    ['a pattern is not empty', { kv: { read: [''] } }],
    [
      'everything is no kind of administration: they are members, backup, auth, status',
      { admin: ['everything'] },
    ],
  ];
  for (const [cause, permissions] of slips) {
    test(`are refused when ${cause}`, async () => {
      await using server = await AuthServer.open();
      await expect(server.api, [
        ...(['PUT', '/v2/auth/roles/ops', 400, message(`auth: ${cause}`)] as const),
        { role: 'ops', permissions },
      ]);
    });
  }
});

test('a name that a client could not send in its credentials is refused', async () => {
  await using server = await AuthServer.open();
  const answer = await server.askAs(undefined, 'PUT', '/v2/auth/users/a:b', {
    ...{ user: 'a:b', password: 'x' },
  });
  const cause = 'auth: a name has no slash, colon or control character';
  assert.deepEqual([answer.status, answer.body], [400, message(cause)]);
});

test('there are no users while a member runs an older release', async () => {
  await using server = await ApiServer.start();
  const cause = 'auth: the cluster keeps no users yet: a member runs an older release';
  await expect(server, [
    ...(['PUT', '/v2/auth/users/a', 409, message(cause)] as const),
    { user: 'a', password: 'x' },
  ]);
});
