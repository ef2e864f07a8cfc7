import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { asBuilt, patient, RealCluster } from './real-cluster.js';
import { until } from './until.js';

const withFilesMax = (limit: number) => ['prlimit', `--nofile=${limit}:${limit}`, ...asBuilt];

test('with far too few open files, the program says so and does not start', () => {
  const [command = '', ...args] = withFilesMax(64);
  const { status, stdout, stderr } = spawnSync(command, [...args, 'server'], { encoding: 'utf8' });
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(
    stderr,
    /^conclave: cannot start: the limit of open files is 64 here, and .* needs 192 at least.*\n$/,
  );
});

test('a member whose peers need more open files than there are says so and does not start', () => {
  const [command = '', ...args] = withFilesMax(200);
  const cluster = Array.from({ length: 7 }, (_, n) => `n${n}=http://127.0.0.1:${7101 + n}`);
  const flags = ['server', '--name', 'n0', '--initial-cluster', cluster.join(',')];
  const listen = ['--listen-peer-urls', 'http://127.0.0.1:7101', '--log-level', 'fatal'];
  const cwd = mkdtempSync(join(tmpdir(), 'conclave-test-'));
  const all = [...args, ...flags, ...listen];
  const { status, stderr } = spawnSync(command, all, { encoding: 'utf8', cwd });
  rmSync(cwd, { recursive: true });
  assert.equal(status, 1);
  assert.match(stderr, /^conclave: cannot start: the limit of open files is 200 here.*\n$/);
});

test('with a usual limit of open files, members start without a warning of it', async () => {
  await using real = await RealCluster.start(patient, withFilesMax(4096));
  for (const name of real.names) {
    const told = real.logLines(name).filter(({ msg }) => /limit of open files/.test(msg));
    assert.deepEqual(
      told.map(({ level }) => level),
      ['info'],
    );
  }
});

for (const limit of [256, 1024]) {
  describe(`members that may have ${limit} files open`, () => {
    test('outlive idle connections, and go on serving those who are connected', async () => {
      await using real = await RealCluster.start(patient, withFilesMax(limit));
      await flood(real);
      for (const name of real.names) {
        assert.equal(logged(real, name, 'connections of clients are refused'), 1);
        await until(async () => (await real.get(name, '/health')).status === 200, `${name} serves`);
      }
      const states = real.cluster.status().nodes.map(({ state }) => state);
      assert.deepEqual(states, ['running', 'running', 'running']);
    });
  });
}

/** Many silent connections to every port of the cluster, while clients write. */
async function flood(real: RealCluster): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const idle: Socket[] = [];
  try {
    for (const name of real.names) assert.equal(await write(real, agent, name), 201);
    const { nodes } = real.cluster.status();
    for (const { clientPort } of nodes) idle.push(...openIdle(clientPort));
    for (const { peerPort } of nodes) idle.push(...openIdle(peerPort));
    for (const words of ['connections of clients are refused', 'refused a connection of a peer'])
      await until(() => real.names.every((name) => logged(real, name, words) > 0), words);
    // Each value is a third of LevelDB's journal, so that it begins new files meanwhile.
    for (let round = 0; round < 6; round += 1) {
      for (const name of real.names) assert.equal(await write(real, agent, name), 200);
    }
  } finally {
    agent.destroy();
    for (const socket of idle) socket.destroy();
  }
}

function openIdle(port: number): readonly Socket[] {
  return Array.from({ length: 1100 }, () =>
    connect(port, '127.0.0.1').on('error', () => undefined),
  );
}

function logged(real: RealCluster, name: string, words: string): number {
  return readFileSync(real.logPath(name), 'utf8').split(words).length - 1;
}

/** On a connection that stays; fetch would open others. */
async function write(real: RealCluster, agent: Agent, name: string): Promise<number> {
  const sent = request(real.url(name, `/v2/keys/${name}`), {
    method: 'PUT',
    agent,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  sent.end(`value=${'v'.repeat(1_400_000)}`);
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}
