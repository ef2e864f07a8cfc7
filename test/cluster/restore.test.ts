import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ended, start } from '../cli/recorded-command.js';
import { asBuilt, patient, RealCluster } from './real-cluster.js';
import { until } from './until.js';
import { Writers } from './writers.js';

const held = ['long', 'short', 'elected'] as const;
const ttls = { long: 86_400, short: 600, elected: 3600 };

function pathOf(lock: (typeof held)[number]): string {
  return lock === 'elected' ? '/mod/v2/leader/elected' : `/mod/v2/lock/${lock}`;
}

async function hold(real: RealCluster, lock: (typeof held)[number]): Promise<number> {
  const method = lock === 'elected' ? 'PUT' : 'POST';
  const form = { ttl: ttls[lock], ...(lock === 'elected' ? { name: 'ann' } : { value: 'ann' }) };
  const answer = await real.request('node1', method, pathOf(lock), form);
  assert.equal(answer.status, 200);
  return Number(await answer.text());
}

/** Takes a lock and gives it back, again and again. */
class TokenTaker implements AsyncDisposable {
  readonly tokens: number[] = [];
  readonly #done: Promise<void>;
  #running = true;

  constructor(real: RealCluster) {
    this.#done = this.#take(real);
  }

  async #take(real: RealCluster): Promise<void> {
    while (this.#running) {
      const answer = await real.request('node2', 'POST', '/mod/v2/lock/taken', { ttl: 60 });
      if (answer.status !== 200) continue;
      const index = await answer.text();
      this.tokens.push(Number(index));
      await real.request('node3', 'DELETE', '/mod/v2/lock/taken', { index });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#running = false;
    await this.#done;
  }
}

async function indexesOf(real: RealCluster): Promise<readonly number[]> {
  const answers = await Promise.all(real.names.map((name) => real.get(name, '/v2/keys/')));
  return answers.flatMap(({ headers }) =>
    ['x-etcd-index', 'x-raft-index'].map((name) => Number(headers.get(name))),
  );
}

test('a backup that a follower gives under load becomes a cluster with every write, lock and later index', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-restore-'));
  const file = join(folder, 'a.backup');
  try {
    const old = await useAndBackUp(file);
    await using real = await RealCluster.start(
      patient,
      asBuilt,
      async (dataDir, initialCluster) => {
        const lines = [];
        for (const name of ['node1', 'node2', 'node3']) {
          const flags = ['--name', name, '--data-dir', join(dataDir, name)];
          const restored = await ended(
            start(['restore', file, ...flags, '--initial-cluster', initialCluster]),
          );
          assert.deepEqual([restored.code, restored.stderr], [0, '']);
          assert.match(restored.stdout, /, index 1\d{12}, /, 'the index of the new cluster');
          lines.push(restored.stdout.replace(/^.*of cluster/, ''));
        }
        assert.equal(new Set(lines).size, 1, lines.join());
      },
    );
    await checkRestored(real, old);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

interface Old {
  readonly clusterId: string | null;
  readonly acknowledged: readonly string[];
  readonly tokens: Readonly<Record<(typeof held)[number], number>>;
  readonly highest: number;
}

async function useAndBackUp(file: string): Promise<Old> {
  await using real = await RealCluster.start(patient);
  const tokens = {
    long: await hold(real, 'long'),
    short: await hold(real, 'short'),
    elected: await hold(real, 'elected'),
  };
  const waiting = real.request('node1', 'POST', '/mod/v2/lock/long', { ttl: 60, value: 'bob' });
  void waiting.catch(() => undefined);
  await real.request('node1', 'PUT', '/v2/keys/mortal', { value: 'm', ttl: 7200 });
  await using writers = new Writers(real);
  await using taker = new TokenTaker(real);
  writers.writeTo(real.names);
  await writers.acknowledges(500);
  const leader = await real.leader();
  const follower = real.names.find((name) => name !== leader) ?? '';
  const acknowledged = [...writers.acknowledged];
  const endpoints = real.url(follower, '');
  const taken = await ended(start(['backup', file, '--endpoints', endpoints]));
  assert.deepEqual([taken.code, taken.stderr], [0, '']);
  await writers.acknowledges(500);
  await until(() => taker.tokens.length > 3, 'tokens are given out after the backup, too');
  const { headers } = await real.get(follower, '/v2/keys/');
  await writers.stop();
  await taker[Symbol.asyncDispose]();
  const indexes = await indexesOf(real);
  const highest = Math.max(...indexes, ...taker.tokens);
  for (const name of real.names) await real.cluster.kill(name);
  return { clusterId: headers.get('x-etcd-cluster-id'), acknowledged, tokens, highest };
}

async function checkRestored(real: RealCluster, old: Old): Promise<void> {
  const answer = await real.get('node1', '/v2/keys/killed?recursive=true');
  assert.notEqual(answer.headers.get('x-etcd-cluster-id'), old.clusterId);
  const found = new Set(valuesIn(JSON.parse(await answer.text()).node));
  const lost = old.acknowledged.filter((each) => !found.has(each));
  assert.deepEqual(lost.slice(0, 3), [], `${lost.length} acknowledged writes are lost`);
  assert.ok(old.acknowledged.length >= 500);
  for (const index of await indexesOf(real)) assert.ok(index > old.highest);

  for (const lock of held) {
    const shown = await fetch(real.url('node2', pathOf(lock)), {
      headers: { Accept: 'application/json' },
    });
    const { holder, queue } = JSON.parse(await shown.text());
    assert.deepEqual([holder.index, queue?.length ?? 0], [old.tokens[lock], 0], lock);
    assert.ok(ttls[lock] - holder.ttl < 120, `${lock} has ${holder.ttl} s left of ${ttls[lock]}`);
    const form = { ttl: ttls[lock], index: old.tokens[lock] };
    assert.equal((await real.request('node3', 'PUT', pathOf(lock), form)).status, 200, lock);
  }
  const mortal = JSON.parse(await (await real.get('node3', '/v2/keys/mortal')).text()).node;
  assert.ok(mortal.ttl > 7080 && mortal.ttl <= 7200, `${mortal.ttl} s`);

  const written = await real.request('node2', 'PUT', '/v2/keys/new', { value: '1' });
  const { node } = JSON.parse(await written.text());
  assert.ok(node.modifiedIndex > old.highest + 1e11);
  const taken = await real.request('node1', 'POST', '/mod/v2/lock/fresh', { ttl: 60 });
  assert.ok(Number(await taken.text()) > old.highest);
  const watched = await real.get('node1', `/v2/keys/new?wait=true&waitIndex=${old.highest}`);
  assert.deepEqual([watched.status, JSON.parse(await watched.text()).errorCode], [400, 401]);
}

interface Shown {
  readonly key: string;
  readonly value?: string;
  readonly nodes?: readonly Shown[];
}

/** As the writers note them down. */
function valuesIn({ key, value, nodes = [] }: Shown): readonly string[] {
  return value === undefined ? nodes.flatMap(valuesIn) : [`${key}=${value}`];
}
