import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { versionsAt } from './bulk-contents.js';
import { BulkWriters } from './bulk-writers.js';
import { asBuilt, RealCluster } from './real-cluster.js';
import { until } from './until.js';

const warning = /^the heap is \d+ MB, and the least is 128 MB: .*size=128/;

/** In each, more is written than there is: what is kept of old values must not grow with that. */
const heaps = [
  // The least that docs/operations.md names.
  { megabytes: 128, flags: [], writtenBytes: 140_000_000, warnings: [] },
  // Otherwise V8 collects all the time, since the young generation might fill what is left.
  {
    ...{ megabytes: 64, flags: ['--max-semi-space-size=2'], writtenBytes: 75_000_000 },
    warnings: [warning],
  },
];
const plan = { clients: 8, keys: 8, valueBytes: 1_400_000 };

for (const { megabytes, flags, writtenBytes, warnings } of heaps) {
  describe(`members with a heap of ${megabytes} MB`, () => {
    let real: RealCluster;
    before(async () => {
      const [node = '', main = ''] = asBuilt;
      const command = [node, `--max-old-space-size=${megabytes}`, ...flags, main];
      real = await RealCluster.start([], command);
    });
    after(async () => await real[Symbol.asyncDispose]());

    test(`say at their start ${warnings.length > 0 ? 'that it is too small' : 'nothing'}`, () => {
      for (const name of real.names) {
        const told = real
          .logLines(name)
          .filter(({ level, msg }) => level === 'warn' && msg.startsWith('the heap is '));
        assert.equal(told.length, warnings.length);
        for (const [at, expected] of warnings.entries()) {
          assert.match(told[at]?.msg ?? '', expected);
        }
      }
    });

    test('live through eight writers of 1.4 MB', async () => {
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
  });
}
