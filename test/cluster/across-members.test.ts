import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { patient, RealCluster } from './real-cluster.js';
import { until } from './until.js';

describe('three members are one', () => {
  let real: RealCluster;
  before(async () => {
    real = await RealCluster.start(patient);
  });
  after(async () => await real[Symbol.asyncDispose]());

  const acquire = async (member: string, lock: string, value: string) => {
    const answer = await real.request(member, 'POST', `/mod/v2/lock/${lock}?ttl=60`, { value });
    return { status: answer.status, index: await answer.text() };
  };
  const release = async (member: string, lock: string, value: string) =>
    (await real.request(member, 'DELETE', `/mod/v2/lock/${lock}?value=${value}`)).status;
  const queued = async (lock: string, count: number) => {
    const headers = { Accept: 'application/json' };
    const answer = await fetch(real.url('node2', `/mod/v2/lock/${lock}`), { headers });
    const view = (await answer.json()) as { holders: unknown[]; queue: unknown[] };
    return view.holders.length + view.queue.length === count;
  };

  test('a lock that is waited for at one is granted when it is released at another', async () => {
    const first = await acquire('node1', 'shared', 'first');
    const second = acquire('node3', 'shared', 'second');
    let granted = false;
    void second.then(() => {
      granted = true;
    });
    await until(() => queued('shared', 2), 'the second waits');
    assert.equal(granted, false);
    assert.equal(await release('node2', 'shared', 'first'), 200);
    const { status, index } = await second;
    assert.equal(status, 200);
    assert.ok(Number(index) > Number(first.index));
    assert.equal(await release('node1', 'shared', 'second'), 200);
  });

  test('the same value at two returns at both, together, with the same index', async () => {
    await acquire('node1', 'together', 'holder');
    const times: number[] = [];
    const waiting = ['node2', 'node3'].map(async (member) => {
      const answer = await acquire(member, 'together', 'one');
      times.push(performance.now());
      return answer;
    });
    await until(() => queued('together', 2), 'both wait on one queue entry');
    assert.equal(times.length, 0);
    assert.equal(await release('node1', 'together', 'holder'), 200);
    const [one, other] = await Promise.all(waiting);
    assert.deepEqual(one, other);
    assert.equal(one?.status, 200);
    const [sooner = 0, later = 0] = times;
    assert.ok(later - sooner < 200, `${later - sooner} ms apart`);
  });

  test('a cluster that was stopped starts again with all that it had', async () => {
    const { index } = await acquire('node2', 'kept', 'holder');
    for (let key = 0; key < 100; key += 1) {
      const answer = await real.request('node3', 'PUT', `/v2/keys/kept/${key}`, {
        value: `v${key}`,
      });
      assert.equal(answer.status, 201);
    }
    await Promise.all(real.names.map((member) => real.cluster.restart(member)));
    for (const member of real.names) {
      const served = async () => (await real.get(member, '/health')).status === 200;
      await until(served, `${member} serves again`, 30_000);
      const list = await (await real.get(member, '/v2/keys/kept')).text();
      const values = JSON.parse(list).node.nodes.map((node: { value: string }) => node.value);
      assert.equal(new Set(values).size, 100, member);
      const held = await real.get(member, '/mod/v2/lock/kept?field=index');
      assert.equal(await held.text(), index, member);
    }
  });
});
