import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { RealCluster } from './real-cluster.js';
import { until } from './until.js';

interface Asked {
  readonly answer: Promise<Response>;
  leave(): void;
}

describe('a client that leaves, and a member that does', () => {
  let real: RealCluster;
  before(async () => {
    real = await RealCluster.start();
  });
  after(async () => await real[Symbol.asyncDispose]());

  const ask = (member: string, lock: string, query: string): Asked => {
    const controller = new AbortController();
    const url = real.url(member, `/mod/v2/lock/${lock}?${query}`);
    const answer = fetch(url, { method: 'POST', signal: controller.signal });
    answer.catch(() => {});
    return { answer, leave: () => controller.abort() };
  };
  const hold = async (member: string, lock: string, query: string) => {
    const answer = await ask(member, lock, query).answer;
    assert.equal(answer.status, 200);
    return await answer.text();
  };
  const entries = async (member: string, lock: string) => {
    const headers = { Accept: 'application/json' };
    const answer = await fetch(real.url(member, `/mod/v2/lock/${lock}`), { headers });
    if (answer.status !== 200) return undefined;
    const { holders, queue } = JSON.parse(await answer.text());
    return `${holders.length} ${queue.length}`;
  };
  const shows = (member: string, lock: string, what: string) =>
    until(async () => (await entries(member, lock)) === what, `${lock} shows ${what}`);
  const release = async (member: string, lock: string, index: string) =>
    (await real.request(member, 'DELETE', `/mod/v2/lock/${lock}?index=${index}`)).status;

  test('of two who wait on one value at two members, the last to leave takes the place away', async () => {
    await hold('node2', 'one-value', 'ttl=60');
    const [one, other] = ['node1', 'node3'].map((member) =>
      ask(member, 'one-value', 'ttl=60&value=same'),
    );
    await shows('node2', 'one-value', '1 1');
    const third = ask('node2', 'one-value', 'ttl=60&value=third');
    await shows('node2', 'one-value', '1 2');
    one?.leave();
    third.leave();
    await shows('node2', 'one-value', '1 1');
    other?.leave();
    await shows('node2', 'one-value', '1 0');
  });

  test('a client that is killed while it holds by its connection has released the lock', async () => {
    const url = real.url('node1', '/mod/v2/lock/killed?ttl=60&hold=connection');
    const client = spawn('curl', ['-sfN', '-X', 'POST', url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [index] = await once(client.stdout, 'data');
    const waiter = ask('node3', 'killed', 'ttl=60');
    await shows('node2', 'killed', '1 1');
    client.kill('SIGKILL');
    const answer = await waiter.answer;
    assert.equal(answer.status, 200);
    assert(Number(await answer.text()) > Number(String(index)));
  });

  test('a request that waits is answered once, with the lock, after any number of elections', async () => {
    const index = await hold('node1', 'elections', 'ttl=120&value=holder');
    const leader = await real.leader();
    const member = real.names.find((name) => name !== leader) ?? 'node1';
    const waiter = ask(member, 'elections', 'ttl=120&value=waiter');
    await shows(member, 'elections', '1 1');
    for (let elections = 0; elections < 2; elections += 1) {
      const leading = real.names.find((name) => name !== member);
      const present = (await real.leader()) ?? leading;
      // Its own member must live, but need not lead: whoever else there is, is started anew.
      const victim = present === member ? leading : present;
      assert(victim !== undefined);
      await real.cluster.restart(victim);
      await until(
        async () => (await real.get(victim, '/health')).status === 200,
        'it serves',
        30_000,
      );
      assert.equal(await entries(victim, 'elections'), '1 1');
    }
    assert.equal(await release(member, 'elections', index), 200);
    const answer = await waiter.answer;
    assert.equal(answer.status, 200);
    const held = await real.get('node2', '/mod/v2/lock/elections?field=index');
    assert.equal(await answer.text(), await held.text());
    assert.equal(await entries('node3', 'elections'), '1 0');
  });

  test('who waits through a member that is killed has left the queue after its TTL', async () => {
    await hold('node1', 'member-killed', 'ttl=60');
    ask('node3', 'member-killed', 'ttl=2&value=gone');
    const behind = ask('node2', 'member-killed', 'ttl=60&value=behind');
    await shows('node1', 'member-killed', '1 2');
    await real.cluster.kill('node3');
    await shows('node1', 'member-killed', '1 1');
    await real.cluster.restart('node3');
    behind.leave();
    await shows('node1', 'member-killed', '1 0');
  });

  test('a member that cannot reach the others ends the answer before the TTL is over', async () => {
    const others = ['node2', 'node3'];
    const asked = ask('node1', 'no-quorum', 'ttl=3&hold=connection');
    const answer = await asked.answer;
    assert.equal(answer.status, 200);
    const pausedAt = performance.now();
    for (const name of others) real.cluster.pause(name);
    const body = await answer.text();
    const tookMs = performance.now() - pausedAt;
    for (const name of others) real.cluster.resume(name);
    assert.match(body, /^\d+\n$/);
    assert.ok(tookMs > 500 && tookMs < 3_000, `it ended after ${Math.round(tookMs)} ms`);
    const next = await ask('node2', 'no-quorum', 'ttl=3').answer;
    assert.equal(next.status, 200);
    assert(Number(await next.text()) > Number(body));
  });
});
