import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { missing, Program } from '../programs/program.js';
import { Prometheus } from './prometheus.js';
import { asBuilt, patient, RealCluster } from './real-cluster.js';
import { until } from './until.js';

const skip = missing('/usr/bin/prometheus', '/usr/bin/strace');

/** From now on each write of the process to its disk takes as long. */
async function slowDisk(pid: number, delayMs: number): Promise<Program> {
  const calls = 'fdatasync,fsync';
  const inject = `inject=${calls}:delay_enter=${delayMs * 1000}`;
  const strace = ['/usr/bin/strace', '-f', '-qq', '-e', `trace=${calls}`, '-e', inject];
  const program = new Program([...strace, '-p', String(pid)]);
  await program.prints(/sync\(/);
  return program;
}

describe('Prometheus', { skip }, () => {
  test('fires the right alerts when members die, nobody leads, and a disk is slow', async () => {
    await using real = await RealCluster.start(patient);
    const leader = (await real.leader()) ?? '';
    const [one = '', other = ''] = real.names.filter((name) => name !== leader);
    const instance = (name: string) => new URL(real.url(name, '/')).host;
    await using prometheus = await Prometheus.start(real.names.map(instance));
    const allUp = async () => (await prometheus.targets()).every(({ health }) => health === 'up');
    await until(allUp, 'all members are scraped', 30_000);
    await prometheus.isQuietAbout('Conclave');
    assert.deepEqual(await prometheus.brokenRules(), []);

    await real.cluster.kill(one);
    await prometheus.fires(`ConclaveMemberDown ${instance(one)}`);
    await prometheus.fires(`ConclavePeerUnreachable ${instance(leader)}`);
    const expected = ['ConclaveMemberDown', 'ConclavePeerUnreachable', 'ConclaveRestartsOften'];
    const strange = (await prometheus.firing()).filter(
      (alert) => !expected.includes(alert.split(' ')[0] ?? ''),
    );
    assert.deepEqual(strange, [], 'the others serve');

    await real.cluster.kill(other);
    await prometheus.fires('ConclaveNoLeader');
    await prometheus.fires('ConclaveMajorityDown');

    await real.cluster.restart(one);
    await real.cluster.restart(other);
    await prometheus.isQuietAbout(
      ...['ConclaveNoLeader', 'ConclaveMajorityDown', 'ConclaveMemberDown'],
      'ConclavePeerUnreachable',
    );

    const { pid = 0 } = real.cluster.status().nodes.find(({ name }) => name === one) ?? {};
    let writing = true;
    const writes = (async () => {
      while (writing) await real.request(leader, 'PUT', '/v2/keys/a', { value: 'x' });
    })();
    await using _disk = await slowDisk(pid, 300);
    await prometheus.fires(`ConclaveDiskSlow ${instance(one)}`);
    writing = false;
    await writes;
  });

  test('scrapes the addresses of the metrics, where no client is served', async (t) => {
    const [port = 0] = await freePorts(1);
    const metrics = `http://127.0.0.1:${port}`;
    const [peerPort, clientPort] = await freePorts(2);
    const dataDir = mkdtempSync(join(tmpdir(), 'conclave-test-'));
    t.after(() => rmSync(dataDir, { recursive: true, force: true }));
    await using program = new Program([
      ...[...asBuilt, 'server', '--data-dir', dataDir, '--listen-metrics-urls', metrics],
      ...['--listen-client-urls', `http://127.0.0.1:${clientPort}`],
      ...['--listen-peer-urls', `http://127.0.0.1:${peerPort}`],
    ]);
    await program.prints('serving on');
    const isWell = async () => (await fetch(`${metrics}/health`)).status === 200;
    await until(isWell, 'it leads', 30_000);
    await using prometheus = await Prometheus.start([`127.0.0.1:${port}`]);
    const up = async () => (await prometheus.targets()).every(({ health }) => health === 'up');
    await until(up, 'it is scraped', 30_000);
    for (const path of ['/livez', '/readyz?verbose', '/readyz/linearizable_read']) {
      assert.equal((await fetch(`${metrics}${path}`)).status, 200, path);
    }
    for (const path of ['/v2/keys/', '/v2/members', '/mod/dashboard/', '/']) {
      assert.equal((await fetch(`${metrics}${path}`)).status, 404, path);
    }
  });
});
