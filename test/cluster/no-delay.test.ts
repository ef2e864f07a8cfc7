import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, test } from 'node:test';
import { ask, askAlone } from '../../scripts/scale/lock-client.mjs';
import { median } from '../../scripts/scale/process-usage.mjs';
import { asBuilt, patient, RealCluster } from './real-cluster.js';
import { type TcpSocket, tcpSocketsHidden, tcpSocketsOf } from './tcp-sockets.js';
import { until } from './until.js';

/**
 * The links of a cluster of three; each holds the connections that one member dials to one other.
 */
const linkCount = 6;

const medianLimitMs = 10;

const skip = tcpSocketsHidden();

function assertNoneDelays(sockets: readonly TcpSocket[], where: string): void {
  const delaying = sockets.filter(({ noDelay }) => !noDelay);
  assert.deepEqual(delaying, [], `without TCP_NODELAY ${where}`);
}

describe('a packet never waits for the acknowledgement of the one before it', () => {
  test('at members, in the links between them, and at their clients', { skip }, async () => {
    await using real = await RealCluster.start(patient);
    const ports = real.names.map((name) => Number(new URL(real.url(name, '/')).port));
    const watch = '/v2/keys/door?wait=true&waitIndex=1';
    const watches = [
      ...ports.map((port) => askAlone(port, 'GET', watch)),
      ...real.names.map((name) => real.get(name, watch)),
    ];
    for (const { name, pid = 0 } of real.cluster.status().nodes) {
      // It has dialled two members, was dialled by two, and is watched by two.
      const complete = () => tcpSocketsOf(pid).length >= 6;
      await until(complete, `${name} has six connections`);
      assertNoneDelays(tcpSocketsOf(pid), `at ${name}`);
    }
    const here = tcpSocketsOf(process.pid);
    assert.ok(here.length >= 2 * linkCount + watches.length, `only ${here.length} are seen`);
    assertNoneDelays(here, 'in the links and at the clients');
    const put = await ask(ports[0] ?? 0, 'PUT', '/v2/keys/door?value=open');
    assert.equal(put.status, 201);
    for (const { status } of await Promise.all(watches)) assert.equal(status, 200);
  });

  test('at the command that asks a member how it is', { skip }, async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const connection = once(mute, 'connection');
    const [executable = '', ...args] = asBuilt;
    const endpoint = ['--endpoints', `http://127.0.0.1:${port}`];
    const command = spawn(executable, [...args, 'health', ...endpoint], { stdio: 'ignore' });
    const ended = once(command, 'exit');
    try {
      const [accepted] = await connection;
      const sockets = tcpSocketsOf(command.pid ?? 0);
      assert.equal(sockets.length, 1);
      assertNoneDelays(sockets, 'at the command');
      accepted.destroy();
    } finally {
      command.kill('SIGKILL');
      await ended;
      mute.close();
    }
  });

  test(`a follower acknowledges a write within ${medianLimitMs} ms, through the links`, async (context) => {
    await using real = await RealCluster.start();
    const leader = await real.leader();
    const follower = real.names.find((name) => name !== leader) ?? '';
    const port = Number(new URL(real.url(follower, '/')).port);
    const times: number[] = [];
    for (let count = 0; count < 200; count += 1) {
      const since = performance.now();
      const { status } = await ask(port, 'PUT', `/v2/keys/one/${count}?value=v`);
      assert.equal(status, 201);
      times.push(performance.now() - since);
    }
    // A packet that waits for an acknowledgement delays every write, and a machine that has other
    // things to do only some of them. So the best of several medians counts.
    const medians = [0, 40, 80, 120, 160].map((from) => median(times.slice(from, from + 40)));
    const best = Math.min(...medians);
    context.diagnostic(`medians of 40: ${medians.map((ms) => ms.toFixed(1)).join(', ')} ms`);
    assert.ok(best < medianLimitMs, `${best} ms in the median`);
  });
});
