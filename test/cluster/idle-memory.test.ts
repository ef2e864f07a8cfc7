import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { RealCluster } from './real-cluster.js';

const limitKib = 120 * 1024;

test('an idle member needs less than 120 MB', async () => {
  await using real = await RealCluster.start();
  for (const { name, pid } of real.cluster.status().nodes) {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, resident] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
    assert.ok(Number(resident) < limitKib, `${name} holds ${resident} KiB`);
  }
});
