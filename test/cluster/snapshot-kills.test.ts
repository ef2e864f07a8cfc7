import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RealCluster } from './real-cluster.js';
import { flags, SnapshotCampaign } from './snapshot-campaign.js';

test('a snapshot is installed under load, though its receiver and its sender are killed', async (context) => {
  await using real = await RealCluster.start(flags);
  const campaign = new SnapshotCampaign(real, {
    ...{ megabytes: 20, clients: 8, rounds: 1 },
    ...{ bytesPerSecond: 2_000_000, writeLimitMs: 60_000 },
    ...{ sendLimitMs: 20_000, agreeLimitMs: 20_000 },
    onProgress: (line) => context.diagnostic(line),
  });
  const { agreedMs, violations } = await campaign.run();
  context.diagnostic(`all agreed ${agreedMs.toFixed(0)} ms after the load`);
  assert.deepEqual(violations, []);
});
