import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { patient, RealCluster } from '../cluster/real-cluster.js';
import { until } from '../cluster/until.js';
import { missing, Program } from './program.js';

const etcd = '/usr/bin/etcd';

const skip = missing(etcd);

test('three etcds find each other by --discovery, and form their cluster', {
  skip,
}, async (context) => {
  await using real = await RealCluster.start(patient);
  const token = '/v2/keys/discovery/one';
  await real.request('node1', 'PUT', `${token}/_config/size`, { value: '3' });
  const dataDir = mkdtempSync(join(tmpdir(), 'conclave-etcd-'));
  context.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const ports = await freePorts(6);
  for (const [at, name] of ['e1', 'e2', 'e3'].entries()) {
    const [client, peer] = [ports[at], ports[at + 3]].map((port) => `http://127.0.0.1:${port}`);
    const program = new Program([
      ...[etcd, '--name', name, '--data-dir', join(dataDir, name)],
      ...['--listen-client-urls', client ?? '', '--advertise-client-urls', client ?? ''],
      ...['--listen-peer-urls', peer ?? '', '--initial-advertise-peer-urls', peer ?? ''],
      // The address is what their cluster's id is made of, so it must be the same for all.
      ...['--discovery', real.url('node2', token)],
    ]);
    context.after(async () => await program[Symbol.asyncDispose]());
  }
  await until(async () => (await members(ports[0])).length === 3, 'they have formed', 30_000);
  assert.deepEqual(await members(ports[2]), ['e1', 'e2', 'e3']);
});

async function members(port: number | undefined): Promise<readonly string[]> {
  const url = `http://127.0.0.1:${port}/v3/cluster/member/list`;
  const signal = AbortSignal.timeout(2000);
  const answer = await fetch(url, { method: 'POST', body: '{}', signal }).catch(() => undefined);
  if (answer?.status !== 200) return [];
  const list: { members: readonly { name: string }[] } = JSON.parse(await answer.text());
  return list.members.map(({ name }) => name).sort();
}
