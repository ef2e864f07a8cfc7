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
  // etcd's client reads the member's own state (`quorum=false`). Another member would confirm the
  // write before this one has it, and an etcd that finds no size gives up at once.
  const asked = 'node2';
  const size = await real.request(asked, 'PUT', `${token}/_config/size`, { value: '3' });
  assert.equal(size.status, 201);
  const dataDir = mkdtempSync(join(tmpdir(), 'conclave-etcd-'));
  context.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const ports = await freePorts(6);
  const programs: Program[] = [];
  for (const [at, name] of ['e1', 'e2', 'e3'].entries()) {
    const [client, peer] = [ports[at], ports[at + 3]].map((port) => `http://127.0.0.1:${port}`);
    const program = new Program([
      ...[etcd, '--name', name, '--data-dir', join(dataDir, name)],
      ...['--listen-client-urls', client ?? '', '--advertise-client-urls', client ?? ''],
      ...['--listen-peer-urls', peer ?? '', '--initial-advertise-peer-urls', peer ?? ''],
      // The address is what their cluster's id is made of, so it must be the same for all.
      ...['--discovery', real.url(asked, token)],
    ]);
    context.after(async () => await program[Symbol.asyncDispose]());
    programs.push(program);
  }
  const formed = async () => {
    if (programs.some(({ hasEnded }) => hasEnded)) return true;
    const lists = await Promise.all(ports.slice(0, 3).map(members));
    return lists.every((list) => list.join() === 'e1,e2,e3');
  };
  await until(formed, 'they have formed', 60_000).catch((cause) => fail(programs, cause));
  if (programs.some(({ hasEnded }) => hasEnded)) fail(programs, 'one has ended');
});

function fail(programs: readonly Program[], cause: unknown): never {
  const outputs = programs.map(({ output }) => output);
  throw new Error(`the etcds printed:\n${outputs.join('\n')}`, { cause });
}

async function members(port: number | undefined): Promise<readonly string[]> {
  const url = `http://127.0.0.1:${port}/v3/cluster/member/list`;
  const signal = AbortSignal.timeout(2000);
  const answer = await fetch(url, { method: 'POST', body: '{}', signal }).catch(() => undefined);
  if (answer?.status !== 200) return [];
  const list: { members: readonly { name: string }[] } = JSON.parse(await answer.text());
  return list.members.map(({ name }) => name).sort();
}
