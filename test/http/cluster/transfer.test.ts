import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberId } from '../../../src/ids.js';
import { failure, ok } from '../../../src/result.js';
import { ApiServer } from '../../support/api-server.js';

const path = '/v2/admin/transfer-leadership';
const bob = memberId('00000000000000bb');
const well = {
  ...{ reachable: true, silentMs: 0, roundTripMs: 1 },
  ...{ status: undefined, fault: undefined, refusal: undefined },
};

/** A member that leads, and another one, which answers. */
async function twoMembers(): Promise<ApiServer> {
  const server = await ApiServer.start({
    members: [{ memberId: bob, name: 'bob', peerUrls: [], clientUrls: [] }],
  });
  server.coordinator.peerContacts.set(bob, well);
  return server;
}

test('the answer names who handed over and who leads now', async () => {
  await using server = await twoMembers();
  server.coordinator.transferred = ok(bob);
  for (const [query, form] of [
    ['?to=bob', undefined],
    [`?to=${bob}`, undefined],
    ['', 'to=bob'],
    ['', undefined],
  ] as const) {
    const { status, body } = await server.ask('POST', `${path}${query}`, form);
    assert.deepEqual([status, JSON.parse(body)], [200, { from: 'local', to: 'bob' }]);
  }
});

test('a refusal says why', async () => {
  await using server = await twoMembers();
  const refused = async (to: string) => {
    const { status, body } = await server.ask('POST', path, to === '' ? '' : `to=${to}`);
    return [status, JSON.parse(body).message];
  };
  assert.deepEqual(await refused('eve'), [
    404,
    '"eve" is not a member: the members are bob, local',
  ]);
  assert.deepEqual(await refused('local'), [409, 'local leads already']);
  assert.deepEqual(await refused('bob'), [409, 'the leader cannot hand over to bob']);
  server.coordinator.transferred = failure('notTaken');
  assert.deepEqual(await refused('bob'), [503, 'bob did not take over in time']);
  assert.deepEqual(await refused(''), [503, 'another member did not take over in time']);
  server.coordinator.peerContacts.set(bob, { ...well, reachable: false });
  assert.deepEqual(await refused('bob'), [409, 'bob does not answer, so it cannot lead']);
  server.coordinator.hasLeader = false;
  assert.deepEqual(await refused(''), [503, 'nobody leads, so there is nothing to hand over']);
});

test('another method, and a misspelt parameter, are refused', async () => {
  await using server = await twoMembers();
  const { status, headers } = await server.ask('GET', path);
  assert.deepEqual([status, headers.allow], [405, 'POST']);
  const { status: unknown, body } = await server.ask('POST', path, 'too=bob');
  assert.equal(unknown, 400);
  assert.match(body, /unknown parameter "too", did you mean "to"\?|unknown parameter/);
});
