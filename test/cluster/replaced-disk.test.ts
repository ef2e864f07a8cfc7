import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RealCluster } from './real-cluster.js';
import { until } from './until.js';

test('a member whose disk was replaced by an empty one is refused, and told so', async () => {
  await using real = await RealCluster.start();
  const leader = await real.leader();
  const name = real.names.find((each) => each !== leader) ?? '';
  const log = join(real.dataDir, `${name}.log`);
  await real.cluster.kill(name);
  rmSync(join(real.dataDir, name), { recursive: true });
  await real.cluster.restart(name);
  await until(() => /its disk was replaced/.test(readFileSync(log, 'utf8')), 'it is told why');
  const answer = await real.request(name, 'PUT', '/v2/keys/a', { value: '1' });
  assert.equal(answer.status, 503);
  const others = real.names.filter((each) => each !== name);
  for (const other of others) {
    assert.ok((await real.request(other, 'PUT', '/v2/keys/b', { value: '1' })).ok);
  }
});
