import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RealCluster } from './real-cluster.js';
import { until } from './until.js';
import { clientCount, Writers } from './writers.js';

const gapLimitMs = 500;

test('ten leaders are killed under 64 writers: nothing is lost, survivors go on', async (context) => {
  await using real = await RealCluster.start();
  await using writers = await warmWriters(real);
  const gaps: number[] = [];
  for (let kill = 0; kill < 10; kill += 1) {
    gaps.push(await gapWithout(real, writers, (leader) => real.cluster.kill(leader)));
  }
  await writers.stop();
  context.diagnostic(`${writers.acknowledged.size} writes acknowledged`);
  context.diagnostic(`longest gaps: ${gaps.map((gap) => `${gap.toFixed(0)} ms`).join(', ')}`);
  assert.deepEqual(writers.failures, []);
  for (const name of real.names) {
    assert.deepEqual(await missing(real, name, writers.acknowledged), [], `lost at ${name}`);
  }
  for (const gap of gaps) assert.ok(gap < gapLimitMs, `${gap} ms without a successful write`);
});

test('three leaders are stopped in good order under 64 writers: the others notice little', async (context) => {
  await using real = await RealCluster.start();
  await using writers = await warmWriters(real);
  const gaps: number[] = [];
  for (let stop = 0; stop < 3; stop += 1) {
    gaps.push(await gapWithout(real, writers, (leader) => real.cluster.restart(leader)));
  }
  await writers.stop();
  context.diagnostic(`longest gaps: ${gaps.map((gap) => `${gap.toFixed(0)} ms`).join(', ')}`);
  assert.deepEqual(writers.failures, []);
  for (const gap of gaps) assert.ok(gap < gapLimitMs, `${gap} ms without a successful write`);
});

/**
 * Members that have just started have not compiled their code yet; no cluster in use is in that
 * state.
 */
async function warmWriters(real: RealCluster): Promise<Writers> {
  const writers = new Writers(real);
  writers.writeTo(real.names);
  await writers.acknowledges(50 * clientCount);
  return writers;
}

/**
 * The longest time without a successful write at the others, when the leader is taken away. It
 * comes back.
 */
async function gapWithout(
  real: RealCluster,
  writers: Writers,
  takeAway: (leader: string) => Promise<void>,
): Promise<number> {
  const leader = (await real.leader()) ?? '';
  const others = real.names.filter((name) => name !== leader);
  writers.writeTo(others);
  await writers.acknowledges(5 * clientCount);
  const since = performance.now();
  await takeAway(leader);
  await until(async () => (await real.leader(others)) !== undefined, 'the others elect');
  await writers.acknowledges(5 * clientCount);
  const gap = writers.longestGapSince(since);
  const { state } = real.cluster.status().nodes.find(({ name }) => name === leader) ?? {};
  if (state === 'dead') await real.cluster.restart(leader);
  const serves = async () => (await real.get(leader, '/health')).status === 200;
  await until(serves, `${leader} is back`, 30_000);
  return gap;
}

async function missing(
  real: RealCluster,
  name: string,
  acknowledged: ReadonlySet<string>,
): Promise<readonly string[]> {
  const answer = await real.get(name, '/v2/keys/killed?recursive=true');
  const { node } = JSON.parse(await answer.text());
  const found = new Set<string>();
  for (const client of node.nodes) {
    for (const { key, value } of client.nodes) found.add(`${key}=${value}`);
  }
  return [...acknowledged].filter((write) => !found.has(write));
}
