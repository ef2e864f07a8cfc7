import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RealCluster } from './real-cluster.js';
import { until } from './until.js';

/** Far longer than it takes to be certain, so that the two cannot be taken for each other. */
const requestTimeoutMs = 30_000;
const flags = ['--request-timeout', String(requestTimeoutMs), '--v2-default-read', 'local'];

interface Refusal {
  readonly status: number;
  readonly errorCode: number;
  readonly cause: string;
  readonly ms: number;
}

async function refusal(real: RealCluster, method: string, path: string): Promise<Refusal> {
  const askedAt = performance.now();
  const answer = await real.request(real.names[0] ?? '', method, path);
  const ms = performance.now() - askedAt;
  return { status: answer.status, ...JSON.parse(await answer.text()), ms };
}

test('a member that lost its majority says so as soon as that is certain, and serves when it is back', async () => {
  await using real = await RealCluster.start(flags);
  const [alone = '', ...others] = real.names;
  assert.equal((await real.request(alone, 'PUT', '/v2/keys/a', { value: '1' })).status, 201);
  await Promise.all(others.map((name) => real.cluster.kill(name)));
  const first = await Promise.all([
    refusal(real, 'PUT', '/v2/keys/a?value=1'),
    refusal(real, 'GET', '/v2/keys/a?quorum=true'),
    refusal(real, 'POST', '/mod/v2/lock/a?ttl=60&timeout=0'),
  ]);
  const later = await refusal(real, 'GET', '/v2/keys/a?quorum=true');
  assert.equal((await real.get(alone, '/v2/keys/a')).status, 200);
  for (const { status, errorCode, ms } of first) {
    assert.deepEqual([status, errorCode], [503, 301]);
    assert.ok(ms < requestTimeoutMs / 3, `answered after ${ms} ms`);
  }
  assert.match(later.cause, /^no leader is known, and 0 of the 2 other members answer this one/);
  assert.ok(later.ms < 500, `answered after ${later.ms} ms`);
  await Promise.all(others.map((name) => real.cluster.restart(name)));
  await until(
    async () => (await real.get(alone, '/v2/keys/a?quorum=true')).status === 200,
    'it serves',
    20_000,
  );
});

test('a lock request with a timeout says within it that the majority is lost', async () => {
  await using real = await RealCluster.start(flags);
  const [alone = '', ...others] = real.names;
  assert.equal((await real.request(alone, 'POST', '/mod/v2/lock/b?ttl=600')).status, 200);
  const waiting = refusal(real, 'POST', '/mod/v2/lock/b?ttl=60&timeout=8');
  const isQueued = async () => {
    const headers = { Accept: 'application/json' };
    const answer = await fetch(real.url(alone, '/mod/v2/lock/'), { headers });
    const { locks } = JSON.parse(await answer.text());
    return locks[0]?.waiting === 1;
  };
  await until(isQueued, 'it waits');
  await Promise.all(others.map((name) => real.cluster.kill(name)));
  const asked = await refusal(real, 'POST', '/mod/v2/lock/b?ttl=60&timeout=8');
  for (const { status, cause, ms } of [await waiting, asked]) {
    assert.equal(status, 503);
    assert.match(cause, /0 of the 2 other members answer this one/);
    assert.ok(ms < requestTimeoutMs / 3, `answered after ${ms} ms`);
  }
});
