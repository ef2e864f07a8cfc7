import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConclaveClient, type Lock } from '../../src/client/index.js';
import { Random } from '../simulation/random.js';
import { type Belief, LibraryUser, overlaps } from './library-user.js';
import { LockCampaign } from './lock-campaign.js';
import { MemberFaults } from './member-faults.js';
import { RealCluster } from './real-cluster.js';
import { until } from './until.js';

const endpointsOf = (real: RealCluster) => real.names.map((name) => real.url(name, ''));

test('locks through the client are one right history, and no two hold at one time, while members are killed, paused and restarted', async (context) => {
  await using real = await RealCluster.start();
  const seed = Math.floor(Math.random() * 2 ** 32);
  context.diagnostic(`seed ${seed}`);
  const beliefs: Belief[] = [];
  await using campaign = new LockCampaign(real, {
    ...{ seed, clients: 16, durationMs: 8000, limitMs: 90_000, generationMs: 120_000 },
    ...{ thinkMsMax: 60, calmMsMax: 1000, awayMsMax: 1500 },
    isEnough: ({ outcomes, faults }) =>
      (outcomes.get('acquire ok') ?? 0) >= 60 &&
      (outcomes.get('renew ok') ?? 0) >= 25 &&
      beliefs.length >= 50 &&
      Object.values(faults).every((count) => count > 0),
    clientOf: (name, group, world, random) => new LibraryUser(name, group, world, random, beliefs),
    onProgress: () => {},
  });
  const { outcomes, faults, violations } = await campaign.run();
  context.diagnostic(`${JSON.stringify([...outcomes])} ${JSON.stringify(faults)}`);
  assert.deepEqual(violations, []);
  assert.deepEqual(overlaps(beliefs), []);
  assert.ok(beliefs.length >= 50, `${beliefs.length} times somebody held`);
  assert.ok((outcomes.get('renew ok') ?? 0) >= 25);
});

test('a watch tells every change once, in order, and a held lock stays held, while members are killed and paused', async (context) => {
  await using real = await RealCluster.start();
  const client = new ConclaveClient({ endpoints: endpointsOf(real) });
  const stop = new AbortController();
  const seen: { readonly index: number; readonly before: number | undefined }[] = [];
  const { index } = await client.keys.read('watched');
  const watching = (async () => {
    const options = { since: index + 1, signal: stop.signal };
    for await (const told of client.keys.watch('watched', options)) {
      assert.equal(told.type, 'change');
      if (told.type !== 'change') continue;
      seen.push({ index: told.node.modifiedIndex, before: told.prevNode?.modifiedIndex });
    }
  })();
  const ended = watching.catch((error: unknown) => error);
  const lock: Lock = await client.lock('held', { ttl: 20 });
  const faults = new MemberFaults(real, new Random(Date.now(), 'faults'), {
    ...{ calmMsMax: 500, awayMsMax: 1500 },
  });
  const striking = faults.run();
  const enough = () => Object.values(faults.counts).every((count) => count >= 2);
  let writes = 0;
  await until(
    async () => {
      await client.keys.set('watched', String(writes), { idempotent: true, lock });
      writes += 1;
      return enough() && writes > 100;
    },
    'each fault has happened twice, among more than 100 writes',
    90_000,
  );
  faults.stop();
  await striking;
  const last = await client.keys.set('watched', 'last', { idempotent: true, lock });
  await until(
    () => seen.at(-1)?.index === last.node.modifiedIndex,
    'the last change is seen',
    60_000,
  );
  stop.abort(new Error('enough'));
  assert.equal(String(await ended), 'Error: enough');
  context.diagnostic(`${seen.length} changes, ${JSON.stringify(faults.counts)}`);
  assert.ok(seen.length > writes, `${seen.length} changes of ${writes} writes`);
  for (const [at, { before }] of seen.entries()) assert.equal(before, seen[at - 1]?.index);
  assert.ok(lock.held);
  await lock.release();
});
