import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionsAt } from './bulk-contents.js';
import { BulkWriters } from './bulk-writers.js';
import { asBuilt, RealCluster } from './real-cluster.js';
import { until } from './until.js';

/** The least that docs/operations.md names. */
const heapMegabytes = 128;
/** More than the heap: what is kept of old values must not grow with what is written. */
const writtenBytes = 150_000_000;
const plan = { clients: 8, keys: 8, valueBytes: 1_400_000 };

test('members with a heap of 128 MB live through eight writers of 1.4 MB', async () => {
  const [node = '', main = ''] = asBuilt;
  const command = [node, `--max-old-space-size=${heapMegabytes}`, main];
  await using real = await RealCluster.start([], command);
  await using writers = new BulkWriters(real, plan);
  await until(() => writers.bytes >= writtenBytes, 'enough is written', 120_000);
  await writers.stop();
  for (const { name, state } of real.cluster.status().nodes) {
    assert.equal(state, 'running', name);
    const serves = async () => (await real.get(name, '/health')).status === 200;
    await until(serves, `${name} serves again`, 30_000);
  }
  const leader = (await real.leader()) ?? '';
  const versions = await versionsAt(real, leader, plan.keys);
  for (const [key, version] of writers.acknowledged) {
    const found = versions.get(key) ?? -1;
    const isLater = found >= version || writers.uncertain.get(key)?.has(found) === true;
    assert.ok(isLater, `${key} has lost version ${version}: it has ${found}`);
  }
});
