import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberId } from '../../../src/ids.js';
import type { MembersRefusal } from '../../../src/view/members-change.js';
import { ApiServer } from '../../support/api-server.js';

const bob = memberId('00000000000000bb');
const json = { 'Content-Type': 'application/json' };
const url = 'http://10.0.0.4:7001';

async function twoMembers(): Promise<ApiServer> {
  return await ApiServer.start({
    members: [{ memberId: bob, name: 'bob', peerUrls: ['http://10.0.0.2:7001'], clientUrls: [] }],
  });
}

async function ask(
  server: ApiServer,
  method: string,
  path: string,
  body?: object | string,
): Promise<readonly [status: number, body: string]> {
  const form = typeof body === 'object' ? JSON.stringify(body) : body;
  const question = { method, path, headers: json };
  const answer = await server.askFor(form === undefined ? question : { ...question, form });
  assert.ok(answer.headers['x-etcd-cluster-id'] !== undefined);
  return [answer.status, answer.body];
}

test('a member is added as a learner, and its record is the answer, as in etcd', async () => {
  await using server = await twoMembers();
  const [status, body] = await ask(server, 'POST', '/v2/members', { peerURLs: [url] });
  const { id, ...others } = JSON.parse(body);
  assert.equal(status, 201);
  assert.match(id, /^[0-9a-f]{16}$/);
  assert.deepEqual(others, { name: '', peerURLs: [url], clientURLs: [], isLearner: true });
  const member = { memberId: id, name: '', peerUrls: [url], staysLearner: false };
  assert.deepEqual(server.coordinator.membersChanges, [{ type: 'add', member }]);
});

test('a member may be given its name, and may stay a learner', async () => {
  await using server = await twoMembers();
  const form = { peerURLs: ['http://10.0.0.4:80'], name: 'n4', learner: true };
  assert.equal((await ask(server, 'POST', '/v2/members', form))[0], 201);
  const [change] = server.coordinator.membersChanges;
  assert.ok(change?.type === 'add');
  assert.deepEqual([change.member.name, change.member.staysLearner], ['n4', true]);
});

test('a member is moved and removed without a body in the answer', async () => {
  await using server = await twoMembers();
  assert.deepEqual(await ask(server, 'PUT', '/v2/members/bb', { peerURLs: [url] }), [204, '']);
  assert.deepEqual(await ask(server, 'DELETE', `/v2/members/${bob}`), [204, '']);
  assert.deepEqual(server.coordinator.membersChanges, [
    { type: 'update', memberId: bob, peerUrls: [url] },
    { type: 'remove', memberId: bob },
  ]);
});

test('a request that is none is refused in words, and changes nothing', async () => {
  await using server = await twoMembers();
  const cases: readonly (readonly [body: object | string, message: RegExp])[] = [
    ['', /not JSON/],
    ['7', /not an object/],
    [{}, /no valid URLs given/],
    [{ peerURLs: [] }, /no valid URLs given/],
    [{ peerURLs: ['here'] }, /"here" is no URL/],
    [{ peerURLs: [1] }, /"1" is no URL/],
    [{ peerURLs: ['ftp://10.0.0.4:7001'] }, /URL scheme must be http/],
    [{ peerURLs: ['http://10.0.0.4'] }, /does not have the form "host:port"/],
    [{ peerURLs: ['http://10.0.0.4:7001/x'] }, /must not contain a path/],
    [{ peerURLs: Array.from({ length: 9 }, () => url) }, /more than 8 URLs/],
    [{ peerURLs: [url], name: 'a b' }, /a name has/],
    [{ peerURLs: [url], learner: 'yes' }, /learner is true or false/],
  ];
  for (const [body, message] of cases) {
    const [status, text] = await ask(server, 'POST', '/v2/members', body);
    assert.equal(status, 400, text);
    assert.match(JSON.parse(text).message, message);
  }
  const plain = await server.askFor({ method: 'POST', path: '/v2/members', form: 'a=b' });
  assert.equal(plain.status, 415);
  assert.match(plain.body, /Bad Content-Type application\/x-www-form-urlencoded, accept/);
  assert.deepEqual(server.coordinator.membersChanges, []);
});

test('an id that is none is not found', async () => {
  await using server = await twoMembers();
  const refused = [404, '{"message":"No such member: node9"}'];
  assert.deepEqual(await ask(server, 'DELETE', '/v2/members/node9'), refused);
  assert.deepEqual(await ask(server, 'PUT', '/v2/members/node9', { peerURLs: [url] }), refused);
});

test("a change that the cluster refuses has etcd's status and text, and says who is missing", async () => {
  await using server = await twoMembers();
  const cases: readonly (readonly [MembersRefusal['reason'], number, string])[] = [
    ['exists', 409, 'membership: ID exists'],
    ['urlTaken', 409, 'membership: peerURL exists'],
    ['nameTaken', 409, 'another member has this name'],
    ['tooMany', 409, 'the cluster has no room for another member'],
    ['unknown', 404, `No such member: ${bob}`],
    ['removed', 410, `Member permanently removed: ${bob}`],
    ['lastVoter', 409, 'it is the only voter: nobody could write without it'],
    ['unsafe', 409, 'without it too few voters would be left that answer: bob does not'],
    ['noLeader', 503, 'no leader made the change in time: nothing has changed'],
    ['notConfirmed', 503, 'the change was not confirmed in time: it may still be made'],
  ];
  for (const [reason, status, message] of cases) {
    server.coordinator.membersRefusal = { reason, missing: [bob] };
    const answer = await ask(server, 'DELETE', `/v2/members/${bob}`);
    assert.deepEqual(answer, [status, JSON.stringify({ message })], reason);
  }
});

test('a learner is shown as one, and every other member as in etcd', async () => {
  await using server = await twoMembers();
  server.coordinator.configured = server.coordinator.configured.map((member) => {
    return { ...member, isLearner: true };
  });
  const { members } = JSON.parse((await server.ask('GET', '/v2/members')).body);
  assert.deepEqual(
    members.map((member: object) => 'isLearner' in member),
    [false, true],
  );
});
