import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberId } from '../../../src/ids.js';
import { ownStatus } from '../../../src/member/own-status.js';
import type { PeerContact, PeerRefusal } from '../../../src/view/peer-contact.js';
import { ApiServer, until } from '../../support/api-server.js';

const other = {
  memberId: memberId('00000000000000bb'),
  name: 'other',
  peerUrls: ['http://127.0.0.1:7002'],
  clientUrls: ['http://127.0.0.1:4002'],
};
const local = {
  id: '00000000000000aa',
  name: 'local',
  peerURLs: ['http://127.0.0.1:7001'],
  clientURLs: ['http://127.0.0.1:4001'],
};

test('the members are those that registered, and those that were configured', async () => {
  await using server = await ApiServer.start({ members: [other] });
  const { status, headers, body } = await server.ask('GET', '/v2/members');
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['x-etcd-cluster-id'], '00000000000000cc');
  const { memberId: id, name, peerUrls: peerURLs, clientUrls: clientURLs } = other;
  assert.deepEqual(JSON.parse(body), { members: [local, { id, name, peerURLs, clientURLs }] });
});

test('the leader comes first among the machines', async () => {
  await using server = await ApiServer.start({ members: [other] });
  const { headers, body } = await server.ask('GET', '/v2/machines');
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(body, 'http://127.0.0.1:4001, http://127.0.0.1:4002');
});

test('the leader is known by its record and by its address', async () => {
  await using server = await ApiServer.start();
  assert.deepEqual(JSON.parse((await server.ask('GET', '/v2/members/leader')).body), local);
  assert.equal((await server.ask('GET', '/v2/leader')).body, 'http://127.0.0.1:7001');
});

test('an unknown member is 404, however deep its path', async () => {
  await using server = await ApiServer.start();
  assert.equal((await server.ask('GET', '/v2/members/')).status, 200);
  for (const path of ['/v2/members/abc', '/v2/members/leader/', '/v2/members/a/b']) {
    const answer = await server.ask('GET', path);
    assert.deepEqual([answer.status, answer.body], [404, '{"message":"Not found"}'], path);
    assert.equal(answer.headers['x-etcd-cluster-id'], '00000000000000cc');
  }
});

test('without a leader none is named', async () => {
  await using server = await ApiServer.start();
  server.coordinator.hasLeader = false;
  const record = await server.ask('GET', '/v2/members/leader');
  assert.deepEqual([record.status, record.body], [503, '{"message":"During election"}']);
  assert.equal((await server.ask('GET', '/v2/leader')).status, 503);
});

test('health and readiness follow the leader, liveness does not', async () => {
  await using server = await ApiServer.start();
  const health = await server.ask('GET', '/health');
  assert.deepEqual([health.status, health.body], [200, '{"health":"true"}']);
  for (const path of ['/livez', '/readyz']) {
    const answer = await server.ask('GET', path);
    assert.deepEqual([answer.status, answer.body], [200, 'ok\n']);
  }
  server.coordinator.hasLeader = false;
  const sick = await server.ask('GET', '/health');
  assert.equal(sick.status, 503);
  assert.deepEqual(JSON.parse(sick.body), { health: 'false', reason: 'RAFT NO LEADER' });
  assert.equal((await server.ask('GET', '/readyz')).status, 503);
  assert.equal((await server.ask('GET', '/livez')).status, 200);
});

test('a member without a leader says who refuses it, and why, at every place', async () => {
  const third = { ...other, memberId: memberId('00000000000000bc'), name: 'third' };
  await using server = await ApiServer.start({ members: [other, third] });
  const { peerContacts } = server.coordinator;
  peerContacts.set(other.memberId, unreached({ by: 'peer', reason: 'its disk is another' }));
  peerContacts.set(third.memberId, unreached({ by: 'peer', reason: 'its disk is another' }));
  assert.equal((await server.ask('GET', '/health')).status, 200, 'whoever has a leader serves');
  server.coordinator.hasLeader = false;
  const reason = `refused by ${other.name} and third: its disk is another`;
  const { status, body } = await server.ask('GET', '/health');
  assert.deepEqual([status, JSON.parse(body)], [503, { health: 'false', reason }]);
  const ready = await server.ask('GET', '/readyz');
  assert.match(ready.body, new RegExp(`linearizable_read failed: ${reason}\n`));
  const { members } = JSON.parse((await server.ask('GET', '/v2/stats/cluster')).body);
  const [own, refusing] = members;
  assert.deepEqual([own.refusal, own.fault], [null, null]);
  assert.deepEqual(refusing.refusal, { by: 'peer', reason: 'its disk is another' });
  assert.equal(refusing.fault, 'its disk is another');
});

test('a member without a leader says which members it refuses itself', async () => {
  await using server = await ApiServer.start({ members: [other] });
  server.coordinator.hasLeader = false;
  const contact = unreached({ by: 'self', reason: 'its disk is another' });
  server.coordinator.peerContacts.set(other.memberId, contact);
  const { reason } = JSON.parse((await server.ask('GET', '/health')).body);
  assert.equal(reason, `no leader, and this member refuses ${other.name}: its disk is another`);
});

function unreached(refusal: PeerRefusal): PeerContact {
  return {
    reachable: false,
    silentMs: undefined,
    roundTripMs: undefined,
    status: undefined,
    fault: refusal.reason,
    refusal,
  };
}

test('a probe lists its checks on request, and always when one fails', async () => {
  await using server = await ApiServer.start();
  const reads = '[+]serializable_read ok\n[+]linearizable_read ok\n';
  const failed = '[+]serializable_read ok\n[-]linearizable_read failed: RAFT NO LEADER\n\n';
  const expect = async (path: string, status: number, body: string) => {
    const answer = await server.ask('GET', path);
    assert.deepEqual([answer.status, answer.body], [status, body], path);
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
  };
  await expect('/readyz?verbose', 200, `${reads}ok\n`);
  await expect('/livez?verbose', 200, '[+]serializable_read ok\nok\n');
  await expect('/readyz/linearizable_read?verbose', 200, '[+]linearizable_read ok\nok\n');
  await expect('/livez/linearizable_read', 404, '404 page not found\n');
  server.coordinator.hasLeader = false;
  await expect('/readyz', 503, failed);
  await expect('/readyz?verbose', 503, failed);
  await expect('/readyz?exclude=nothing', 503, failed);
  await expect('/readyz?exclude=linearizable_read', 200, 'ok\n');
  await expect('/readyz?verbose&exclude=serializable_read&exclude=linearizable_read', 200, 'ok\n');
  await expect('/readyz/serializable_read', 200, 'ok\n');
  await expect('/readyz/linearizable_read', 503, '[-]linearizable_read failed: RAFT NO LEADER\n\n');
});

test('the version is that of the API in etcd, with only numbers in it, and apart from it our own', async () => {
  await using server = await ApiServer.start();
  const { body } = await server.ask('GET', '/version');
  assert.equal(body, '{"etcdserver":"3.4.0","etcdcluster":"3.4.0","conclave":"1.2.3"}');
});

test("the statistics have etcd's names", async () => {
  await using server = await ApiServer.start();
  await server.ask('PUT', '/v2/keys/a', 'value=1');
  const self = JSON.parse((await server.ask('GET', '/v2/stats/self')).body);
  assert.equal(self.name, 'local');
  assert.equal(self.id, local.id);
  assert.equal(self.state, 'StateLeader');
  assert.equal(self.leaderInfo.leader, local.id);
  assert.match(self.leaderInfo.uptime, /^(\d+h)?(\d+m)?[\d.]+s$/);
  assert.equal(new Date(self.startTime).toISOString(), self.startTime);
  assert.equal(self.firstIndex, 1);
  assert.equal(self.appliedIndex, server.coordinator.stateMachine.appliedIndex);
  const store = JSON.parse((await server.ask('GET', '/v2/stats/store')).body);
  assert.deepEqual([store.setsSuccess, store.getsFail, store.watchers], [1, 0, 0]);
  const leader = JSON.parse((await server.ask('GET', '/v2/stats/leader')).body);
  assert.deepEqual(leader, { leader: local.id, followers: {} });
  server.coordinator.hasLeader = false;
  const refused = await server.ask('GET', '/v2/stats/leader');
  assert.deepEqual([refused.status, refused.body], [403, '{"message":"not current leader"}']);
});

test("the overview has this member's state, and the others' last statuses", async () => {
  const silent = { ...other, memberId: memberId('00000000000000bc'), name: 'silent' };
  await using server = await ApiServer.start({ members: [other, silent] });
  await server.ask('PUT', '/v2/keys/a', 'value=1');
  for (const name of ['one', 'two']) await server.ask('POST', `/mod/v2/lock/${name}`, 'ttl=9');
  const waiter = server.open({ method: 'POST', path: '/mod/v2/lock/two', form: 'ttl=9' });
  await until(() => server.coordinator.state.locks.queueSize('lock', 'two').waiting === 1);
  const otherStatus = { ...ownStatus(server.coordinator, '1.0.0', 77), role: 'follower' } as const;
  server.coordinator.peerContacts.set(other.memberId, {
    reachable: true,
    silentMs: 3.7,
    roundTripMs: 0.5,
    status: otherStatus,
    fault: undefined,
    refusal: undefined,
  });
  const { status, headers, body } = await server.ask('GET', '/v2/stats/cluster');
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['cache-control'], 'no-store');
  const { clusterId, self, members, followers } = JSON.parse(body);
  assert.equal(clusterId, '00000000000000cc');
  assert.deepEqual(followers, {});
  const { appliedIndex } = server.coordinator.stateMachine;
  assert.deepEqual(
    [self.id, self.role, self.leader, self.term, self.commitIndex, self.appliedIndex, self.version],
    [local.id, 'leader', local.id, 2, appliedIndex, appliedIndex, '1.2.3'],
  );
  assert.deepEqual(self.locks, { names: 2, holding: 2, waiting: 1 });
  assert.deepEqual(self.elections, { names: 0, holding: 0, waiting: 0 });
  assert.deepEqual(
    members.map((member: { waitingRequests: number }) => member.waitingRequests),
    [1, 0, 0],
  );
  waiter.leave();
  assert.deepEqual([self.diskBytes, self.leaderChanges, self.watchers], [4096, 1, 0]);
  assert.ok(self.rssBytes > self.heapUsedBytes && self.heapUsedBytes > 0);
  const [own, reported, unheard] = members;
  assert.deepEqual(
    members.map((member: { id: string; self: boolean }) => [member.id, member.self]),
    [
      [local.id, true],
      [other.memberId, false],
      [silent.memberId, false],
    ],
  );
  assert.deepEqual(reported.clientURLs, other.clientUrls);
  assert.deepEqual([reported.reachable, reported.silentMs, reported.roundTripMs], [true, 4, 0.5]);
  assert.deepEqual(
    [reported.report.role, reported.report.version, reported.report.diskBytes],
    ['follower', '1.0.0', 77],
  );
  assert.deepEqual([unheard.reachable, unheard.silentMs, unheard.report], [false, null, null]);
  assert.deepEqual([own.reachable, own.silentMs, own.report.role], [true, 0, 'leader']);
});

test('a follower has no followers, and no leader where there is none', async () => {
  await using server = await ApiServer.start();
  server.coordinator.hasLeader = false;
  const { self, followers } = JSON.parse((await server.ask('GET', '/v2/stats/cluster')).body);
  assert.deepEqual([followers, self.leader, self.leaderForMs], [null, null, null]);
});

for (const path of [
  '/nope',
  '/v2/keysx',
  '/v2/key',
  '/VERSION',
  '/version/',
  '/health/',
  '/v2/machines/',
  '/v2/stats',
  '/v2/stats/',
  '/v2/stats/self/',
  '/mod/v2/locks',
]) {
  test(`${path} is unknown`, async () => {
    await using server = await ApiServer.start();
    const answer = await server.ask('GET', path);
    assert.deepEqual([answer.status, answer.body], [404, '404 page not found\n']);
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
  });
}

for (const [method, path, allow] of [
  ['PATCH', '/v2/keys/a', 'HEAD,GET,PUT,POST,DELETE'],
  ['POST', '/mod/v2/leader/a', 'HEAD,GET,PUT,DELETE'],
  ['PATCH', '/mod/v2/lock/a', 'HEAD,GET,PUT,POST,DELETE'],
  ['POST', '/health', 'GET'],
  ['DELETE', '/v2/members', 'GET,POST'],
  ['POST', '/v2/auth/enable', 'GET,PUT,DELETE'],
  ['POST', '/v2/auth/users', 'GET'],
  ['PATCH', '/v2/members/leader', 'GET'],
  ['POST', '/v2/stats/self', 'GET'],
  ['PUT', '/version', 'GET'],
  ['POST', '/v2/machines', 'GET,HEAD'],
] as const) {
  test(`${method} is no method of ${path}`, async () => {
    await using server = await ApiServer.start();
    const answer = await server.ask(method, path);
    assert.deepEqual([answer.status, answer.body], [405, 'Method Not Allowed\n']);
    assert.equal(answer.headers.allow, allow);
  });
}

for (const path of ['/v2/members', '/v2/stats/self', '/version', '/health', '/readyz']) {
  const allow = path === '/v2/members' ? 'GET,POST' : 'GET';
  test(`as in etcd, ${path} knows no HEAD`, async () => {
    await using server = await ApiServer.start();
    const answer = await server.ask('HEAD', path);
    assert.deepEqual([answer.status, answer.headers.allow], [405, allow]);
  });
}

test('a HEAD is answered like a GET, without the body', async () => {
  await using server = await ApiServer.start();
  await server.ask('PUT', '/v2/keys/a', 'value=1');
  for (const path of ['/v2/keys/a', '/v2/keys/nope', '/v2/machines', '/mod/v2/lock/a']) {
    const get = await server.ask('GET', path);
    const head = await server.ask('HEAD', path);
    assert.deepEqual([head.status, head.body], [get.status, '']);
    assert.equal(head.headers['content-length'], String(get.body.length));
  }
});
