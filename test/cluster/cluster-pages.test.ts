import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RealCluster } from './real-cluster.js';
import { until } from './until.js';

interface Overview {
  readonly self: { readonly id: string; readonly role: string; readonly diskBytes: number | null };
  readonly members: readonly {
    readonly id: string;
    readonly name: string;
    readonly self: boolean;
    readonly reachable: boolean;
    readonly silentMs: number | null;
    readonly report: { readonly role: string; readonly diskBytes: number | null } | null;
  }[];
  readonly followers: Readonly<Record<string, Followed>> | null;
}

interface Followed {
  readonly lag: number;
  readonly latency: { readonly minimum: number; readonly average: number };
  readonly counts: { readonly success: number; readonly fail: number };
}

describe('the pages about the cluster', () => {
  test('each member tells of all, measured, and of one that is silent since when', async () => {
    await using real = await RealCluster.start();
    const leader = (await real.leader()) ?? '';
    for (let count = 0; count < 20; count += 1) {
      await real.request(leader, 'PUT', '/v2/keys/a', { value: String(count) });
    }
    for (const name of real.names) await seesAll(real, name, leader);
    await measuresFollowers(real, leader);
    const [one = '', other = ''] = real.names.filter((name) => name !== leader);
    assert.equal((await real.get(one, '/v2/stats/leader')).status, 403);

    real.cluster.pause(one);
    for (const name of [leader, other]) {
      const missed = async () => (await memberOf(real, name, one)).reachable === false;
      await until(missed, `${name} misses ${one}`);
      const { silentMs, report } = await memberOf(real, name, one);
      assert.ok((silentMs ?? 0) >= 1000, `silent for ${silentMs} ms`);
      assert.equal(report?.role, 'follower', 'what it said last is still shown');
    }
    real.cluster.resume(one);
    const back = async () => (await memberOf(real, other, one)).reachable;
    await until(back, 'it is back');
  });
});

async function seesAll(real: RealCluster, name: string, leader: string): Promise<void> {
  const complete = async () => {
    const { self, members } = await overview(real, name);
    return (
      self.diskBytes !== null &&
      members.every(({ reachable, report }) => reachable && report?.diskBytes !== null) &&
      // A report is told once a second: one may still be of the time before the leader was elected.
      members.filter(({ report }) => report?.role === 'leader').length === 1
    );
  };
  await until(complete, `${name} has heard of all`);
  const { self, members, followers } = await overview(real, name);
  assert.equal(members.length, 3);
  for (const member of members) {
    const role = member.name === leader ? 'leader' : 'follower';
    assert.equal(member.report?.role, role, `${member.name}, as ${name} sees it`);
    assert.equal(member.self, member.name === name);
    assert.equal(member.self, member.id === self.id);
    assert.ok((member.silentMs ?? Number.NaN) < 1500, `silent for ${member.silentMs} ms`);
  }
  assert.equal(followers === null, name !== leader);
}

async function measuresFollowers(real: RealCluster, leader: string): Promise<void> {
  const { followers } = await overview(real, leader);
  const page = await json<{ followers: Record<string, Followed> }>(
    real,
    leader,
    '/v2/stats/leader',
  );
  assert.deepEqual(Object.keys(page.followers), Object.keys(followers ?? {}));
  const measured = Object.values(page.followers);
  assert.equal(measured.length, 2);
  for (const { latency, counts } of measured) {
    assert.ok(latency.minimum > 0 && latency.minimum <= latency.average, JSON.stringify(latency));
    assert.ok(counts.success >= 20, `${counts.success} answers`);
  }
  for (const name of real.names) {
    const self = await json<Record<string, number>>(real, name, '/v2/stats/self');
    const counted = name === leader ? 'sendAppendRequestCnt' : 'recvAppendRequestCnt';
    assert.ok((self[counted] ?? 0) >= 20, `${name}: ${JSON.stringify(self)}`);
  }
}

async function memberOf(real: RealCluster, asked: string, name: string) {
  const { members } = await overview(real, asked);
  const member = members.find((each) => each.name === name);
  assert.ok(member !== undefined, `${asked} knows ${name}`);
  return member;
}

async function overview(real: RealCluster, name: string): Promise<Overview> {
  return await json<Overview>(real, name, '/v2/stats/cluster');
}

async function json<T>(real: RealCluster, name: string, path: string): Promise<T> {
  const answer = await real.get(name, path);
  assert.equal(answer.status, 200, `${name} ${path}`);
  return JSON.parse(await answer.text()) as T;
}
