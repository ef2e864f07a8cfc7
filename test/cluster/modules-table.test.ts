import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ModuleClient } from './module-client.js';
import { patient, RealCluster } from './real-cluster.js';
import { until } from './until.js';

const notFound = [404, 100, 'Key not found'] as const;
const notAcquired = [409, 111, 'Lock not acquired'] as const;
const ttlNaN = [400, 202, 'The given TTL in POST form is not a number'] as const;
const indexNaN = [400, 203, 'The given index in POST form is not a number'] as const;
const timeoutNaN = [400, 205, 'The given timeout in POST form is not a number'] as const;
const nameRequired = [400, 206, 'Name is required in POST form'] as const;
const entryRequired = [400, 207, 'Index or value is required'] as const;
const bothGiven = [400, 208, 'Index and value cannot both be specified'] as const;
const invalidField = [400, 209, 'Invalid field'] as const;

const refusals = [
  ['POST', 'lock', {}, ttlNaN],
  ['POST', 'lock', { ttl: '0' }, ttlNaN],
  ['POST', 'lock', { ttl: '-1' }, ttlNaN],
  ['POST', 'lock', { ttl: '9', timeout: 'soon' }, timeoutNaN],
  ['POST', 'lock', { ttl: '9', mode: 'both' }, invalidField],
  ['PUT', 'lock', { value: 'nobody' }, ttlNaN],
  ['PUT', 'lock', { ttl: '9' }, entryRequired],
  ['PUT', 'lock', { ttl: '9', index: 'first' }, indexNaN],
  ['PUT', 'lock', { ttl: '9', index: '1' }, notFound],
  ['PUT', 'lock', { ttl: '9', value: 'nobody' }, notFound],
  ['DELETE', 'lock', {}, entryRequired],
  ['DELETE', 'lock', { index: '1', value: 'nobody' }, bothGiven],
  ['DELETE', 'lock', { index: 'first' }, indexNaN],
  ['DELETE', 'lock', { index: '1' }, notFound],
  ['DELETE', 'lock', { value: 'nobody' }, notFound],
  ['GET', 'lock', { field: 'ttl' }, invalidField],
  ['GET', 'lock', { index: '1' }, notFound],
  ['GET', 'lock', { wait: 'true', waitIndex: 'soon' }, indexNaN],
  ['PUT', 'leader', { name: 'a' }, ttlNaN],
  ['PUT', 'leader', { ttl: '9' }, nameRequired],
  ['PUT', 'leader', { ttl: '9', name: 'a', timeout: '-1' }, timeoutNaN],
  ['DELETE', 'leader', {}, nameRequired],
  ['DELETE', 'leader', { name: 'nobody' }, notFound],
  ['GET', 'leader', { index: '1' }, notFound],
  ['GET', 'leader', { wait: 'maybe' }, invalidField],
] as const;

describe('all that can be asked of locks and elections', () => {
  let real: RealCluster;
  let clusterId: string;
  before(async () => {
    real = await RealCluster.start(patient);
    clusterId = JSON.parse(await (await real.get('node1', '/v2/stats/self')).text()).clusterId;
  });
  after(async () => await real[Symbol.asyncDispose]());

  /** The member under test, and the two others. */
  const clients = (member: string) => {
    const others = real.names.filter((name) => name !== member);
    return [member, ...others].map((name) => new ModuleClient(real, name, clusterId)) as [
      ModuleClient,
      ModuleClient,
      ModuleClient,
    ];
  };
  const waits = async (client: ModuleClient, path: string, value: string) =>
    await until(async () => {
      const { queue } = await client.view(path);
      return queue.some((entry) => entry.value === value);
    }, `${value} waits`);

  describe('at each member, while another has what it asks for', { concurrency: true }, () => {
    for (const member of ['node1', 'node2', 'node3']) {
      test(`a lock passes on, is renewed, shown and released, at ${member}`, async () => {
        const [here, there, elsewhere] = clients(member);
        const path = `lock/passes/${member}`;
        const first = await there.index('POST', path, { ttl: '60', value: 'first' });
        const waiting = here.index('POST', path, { ttl: '30', value: 'second' });
        await waits(elsewhere, path, 'second');
        const change = here.text('GET', path, { wait: 'true', waitIndex: String(first + 2) });
        assert.equal(await elsewhere.text('DELETE', path, { index: String(first) }), '');
        const index = await waiting;
        assert.ok(index > first);
        assert.equal(await change, 'second');

        const both = { ttl: '60', index: String(index), value: 'second' };
        assert.equal(await here.text('PUT', path, both), '');
        await here.refused('PUT', path, { ...both, value: 'first' }, notFound);
        assert.equal(await here.text('PUT', path, { ttl: '60', index: String(index) }), '');
        assert.equal(await here.text('PUT', path, { ttl: '60', value: 'second' }), '');
        const again = await here.index('POST', path, { ttl: '60', value: 'second' });
        assert.equal(again, index, 'who holds already is told so at once');

        assert.equal(await here.text('GET', path, {}), 'second');
        assert.equal(await here.text('GET', path, { field: 'value' }), 'second');
        assert.equal(await here.text('GET', path, { field: 'index' }), String(index));
        const { holder, queue } = await here.view(path);
        const { ttlLeft, since, ...shown } = holder ?? {};
        assert.deepEqual(shown, { index, value: 'second', mode: 'exclusive', ttl: 60 });
        assert.ok(Number(ttlLeft) > 50 && Number(ttlLeft) <= 61, String(ttlLeft));
        assert.ok(Math.abs(Date.parse(String(since)) - Date.now()) < 60_000, String(since));
        assert.deepEqual(queue, []);
        assert.equal(await here.text('DELETE', path, { value: 'second' }), '');
        assert.equal(await here.text('GET', path, {}), '');
      });

      test(`who does not get a lock in time, or is sent away, leaves nothing at ${member}`, async () => {
        const [here, there, elsewhere] = clients(member);
        const path = `lock/busy/${member}`;
        await there.index('POST', path, { ttl: '60', value: 'holder' });
        await here.refused('POST', path, { ttl: '60', timeout: '0' }, notAcquired);
        const start = performance.now();
        await here.refused('POST', path, { ttl: '60', timeout: '1' }, notAcquired);
        assert.ok(performance.now() - start >= 1000);
        assert.deepEqual((await elsewhere.view(path)).queue, []);
        const waiting = here.refused('POST', path, { ttl: '60', value: 'waiter' }, notFound);
        await waits(elsewhere, path, 'waiter');
        assert.equal(await elsewhere.text('DELETE', path, { value: 'waiter' }), '');
        await waiting;
        assert.deepEqual((await there.view(path)).queue, []);
      });

      test(`a leader is elected, renewed, watched, resigns and withdraws, at ${member}`, async () => {
        const [here, there, elsewhere] = clients(member);
        const path = `leader/passes/${member}`;
        const first = await there.index('PUT', path, { ttl: '60', name: 'host1' });
        const waiting = here.index('PUT', path, { ttl: '60', name: 'host2' });
        await waits(elsewhere, path, 'host2');
        assert.equal(await here.index('PUT', path, { ttl: '60', name: 'host1' }), first);
        await here.refused('PUT', path, { ttl: '60', name: 'host3', timeout: '0' }, notAcquired);
        assert.equal(await here.text('GET', path, {}), 'host1');
        const change = here.text('GET', path, { wait: 'true', waitIndex: String(first + 3) });
        assert.equal(await here.text('DELETE', path, { name: 'host1' }), '');
        const index = await waiting;
        assert.ok(index > first);
        assert.equal(await change, 'host2');
        assert.equal(await here.text('GET', path, { index: String(index) }), 'host2');
        assert.equal((await here.view(path)).holder?.index, index);

        const withdrawn = here.refused('PUT', path, { ttl: '60', name: 'host1' }, notFound);
        await waits(elsewhere, path, 'host1');
        assert.equal(await elsewhere.text('DELETE', path, { name: 'host1' }), '');
        await withdrawn;
        assert.equal(await here.text('DELETE', path, { name: 'host2' }), '');
        assert.equal(await here.text('GET', path, {}), '');
      });

      test(`what cannot be meant is refused at ${member}`, async () => {
        const [here] = clients(member);
        for (const [method, space, form, error] of refusals) {
          await here.refused(method, `${space}/none`, form, error);
        }
      });
    }
  });

  for (const member of ['node1', 'node2', 'node3']) {
    test(`a queue entry that expires while ${member}, where it waits, stands still is answered 404`, async () => {
      const [here, there, elsewhere] = clients(member);
      const path = `lock/expires/${member}`;
      await there.index('POST', path, { ttl: '60', value: 'holder' });
      const waiting = here.refused('POST', path, { ttl: '1', value: 'waiter' }, notFound);
      await waits(there, path, 'waiter');
      real.cluster.pause(member);
      try {
        await until(
          async () => (await there.view(path)).queue.length === 0,
          'its queue entry expires',
        );
      } finally {
        real.cluster.resume(member);
      }
      await waiting;
      assert.equal(await elsewhere.text('GET', path, {}), 'holder');
    });
  }
});
