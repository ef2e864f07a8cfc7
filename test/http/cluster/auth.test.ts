import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiServer } from '../../support/api-server.js';

const root = '{"role":"root","permissions":{"kv":{"read":["/*"],"write":["/*"]}}}';
const unsupported = '{"message":"auth: users and roles are not supported"}';

type Case = readonly [method: string, path: string, status: number, body: string];

async function expect(server: ApiServer, [method, path, status, body]: Case): Promise<void> {
  const answer = await server.ask(method, path);
  assert.deepEqual([answer.status, answer.body], [status, body]);
  assert.equal(answer.headers['content-type'], 'application/json');
  assert.ok(answer.headers['x-etcd-cluster-id'] !== undefined);
}

describe('users and roles are answered as etcd 3.4.23 does with auth off', () => {
  const cases: readonly Case[] = [
    ['GET', '/v2/auth/enable', 200, '{"enabled":false}\n'],
    ['DELETE', '/v2/auth/enable', 409, '{"message":"auth: already disabled"}'],
    ['GET', '/v2/auth/users', 200, '{"users":null}\n'],
    ['GET', '/v2/auth/users/', 200, '{"users":null}\n'],
    ['GET', '/v2/auth/users/a', 404, '{"message":"auth: User a does not exist."}'],
    ['DELETE', '/v2/auth/users/a', 404, '{"message":"auth: User a does not exist"}'],
    ['GET', '/v2/auth/roles', 200, `{"roles":[${root}]}\n`],
    ['GET', '/v2/auth/roles/', 200, `{"roles":[${root}]}\n`],
    ['GET', '/v2/auth/roles/root', 200, `${root}\n`],
    ['GET', '/v2/auth/roles/a', 404, '{"message":"auth: Role a does not exist."}'],
    ['DELETE', '/v2/auth/roles/a', 404, `{"message":"auth: Role a doesn't exist."}`],
  ];
  for (const each of cases) {
    test(`${each[0]} ${each[1]}`, async () => {
      await using server = await ApiServer.start();
      await expect(server, each);
    });
  }
});

describe('what would change users, roles or members is refused, with a message in JSON', () => {
  const cases: readonly Case[] = [
    ['PUT', '/v2/auth/enable', 409, unsupported],
    ['PUT', '/v2/auth/users/a', 409, unsupported],
    ['PUT', '/v2/auth/roles/a', 409, unsupported],
    [
      'DELETE',
      '/v2/auth/roles/root',
      403,
      '{"message":"auth: Cannot modify role root: is root role."}',
    ],
    ['POST', '/v2/members', 409, '{"message":"the members of a cluster cannot be changed"}'],
    ['DELETE', '/v2/members/123', 404, '{"message":"No such member: 123"}'],
    ['PUT', '/v2/members/123', 404, '{"message":"No such member: 123"}'],
  ];
  for (const each of cases) {
    test(`${each[0]} ${each[1]}`, async () => {
      await using server = await ApiServer.start();
      await expect(server, each);
    });
  }

  test('DELETE of a member that there is', async () => {
    await using server = await ApiServer.start();
    const { members } = JSON.parse((await server.ask('GET', '/v2/members')).body);
    const body = '{"message":"the members of a cluster cannot be changed"}';
    await expect(server, ['DELETE', `/v2/members/${members[0].id}`, 409, body]);
  });
});
