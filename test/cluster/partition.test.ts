import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RealCluster } from './real-cluster.js';
import { until } from './until.js';

describe('a leader that is cut off from the majority', () => {
  test('acknowledges nothing, while the majority elects and serves; then all agree', async () => {
    await using real = await RealCluster.start(['--request-timeout', '1500']);
    const old = (await real.leader()) ?? '';
    const [one = '', other = ''] = real.names.filter((name) => name !== old);
    const lock = '/mod/v2/lock/across';
    const held = await real.request(old, 'POST', `${lock}?ttl=60`, { value: 'first' });
    assert.equal(held.status, 200);
    const index = await held.text();
    await put(real, old, 'before', 'kept');

    real.cluster.partition([old], [one, other]);
    const lost = real.request(old, 'PUT', '/v2/keys/during', { value: 'minority' });
    const elected = async () => (await real.leader([one, other])) !== undefined;
    await until(elected, 'the majority elects');
    await put(real, one, 'during', 'majority');
    await put(real, other, 'later', 'majority');
    assert.equal((await lost).status, 503);
    const refused = [
      ['PUT', '/v2/keys/during?value=again'],
      ['GET', '/v2/keys/before'],
      ['POST', '/mod/v2/lock/fresh?ttl=60'],
      ['GET', '/health'],
    ] as const;
    const answers = refused.map(async ([method, path]) => {
      assert.equal((await real.request(old, method, path)).status, 503, `${method} ${path}`);
    });
    await Promise.all(answers);

    const second = await real.request(one, 'POST', `${lock}?ttl=60&timeout=0`, { value: 'second' });
    assert.equal(second.status, 409);
    assert.equal(await (await real.get(other, `${lock}?field=index`)).text(), index);

    real.cluster.heal();
    const agreed = async () => {
      const states = await Promise.all(real.names.map((name) => stateOf(real, name, lock)));
      return states.every((state) => state === states[0]);
    };
    await until(agreed, 'all members agree');
    assert.deepEqual(JSON.parse(await stateOf(real, old, lock)), {
      before: 'kept',
      during: 'majority',
      later: 'majority',
      index,
    });
  });
});

async function put(real: RealCluster, name: string, key: string, value: string): Promise<void> {
  const answer = await real.request(name, 'PUT', `/v2/keys/${key}`, { value });
  assert.equal(answer.status, 201, `${name} answers ${answer.status}`);
}

/** The member's own state, which may be stale. */
async function stateOf(real: RealCluster, name: string, lock: string): Promise<string> {
  const values: Record<string, unknown> = {};
  for (const key of ['before', 'during', 'later']) {
    const answer = await real.get(name, `/v2/keys/${key}?quorum=false`);
    values[key] = JSON.parse(await answer.text()).node?.value;
  }
  values['index'] = await (await real.get(name, `${lock}?field=index`)).text();
  return JSON.stringify(values);
}
