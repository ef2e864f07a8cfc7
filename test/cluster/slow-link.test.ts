import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { patient, RealCluster } from './real-cluster.js';
import { until } from './until.js';

const valueBytes = 100_000;

/**
 * A follower that is late by no more than this much of the load has caught up: on a slow disk some
 * write is always under way.
 */
const lagLimitSeconds = 0.5;

/** Below the election timeout, so that only evidence of the leader's end can bring it about. */
const electionLimitMs = 900;

for (const { megabytesPerSecond, backlogSeconds } of [
  { megabytesPerSecond: 1, backlogSeconds: 3 },
  { megabytesPerSecond: 2, backlogSeconds: 3 },
  { megabytesPerSecond: 5, backlogSeconds: 2 },
]) {
  test(`a follower behind a link of ${megabytesPerSecond} MB/s catches up under load, and elects as soon as any`, async (context) => {
    const bytesPerSecond = megabytesPerSecond * 1e6;
    await using real = await RealCluster.start([...patient, '--log-level', 'debug']);
    const leader = (await real.leader()) ?? '';
    const [follower = '', other = ''] = real.names.filter((name) => name !== leader);
    real.cluster.slowDown(follower, bytesPerSecond);
    real.cluster.partition([follower], [leader, other]);
    await writeBacklog(real, leader, backlogSeconds * bytesPerSecond);
    await using load = new Load(real, leader, bytesPerSecond / 2);

    real.cluster.heal();
    const id = await idOf(real, follower);
    await until(() => connections(real, leader, id) === 2, 'the leader has connected again');
    const startedAt = performance.now();
    const lagLimit = (lagLimitSeconds * bytesPerSecond) / 2 / valueBytes;
    await until(async () => (await lagOf(real, leader, id)) < lagLimit, 'it has caught up', 20_000);
    context.diagnostic(`caught up in ${(performance.now() - startedAt).toFixed(0)} ms`);
    assert.equal(connections(real, leader, id), 2, 'the connection has lasted');

    await load.stop();
    await until(async () => (await lagOf(real, leader, id)) === 0, 'it lacks nothing', 20_000);
    await writeBacklog(real, leader, bytesPerSecond / 2);
    const killedAt = performance.now();
    await real.cluster.kill(leader);
    const survivors = [follower, other];
    await until(async () => (await real.leader(survivors)) !== undefined, 'the others elect');
    const electedMs = performance.now() - killedAt;
    context.diagnostic(`elected in ${electedMs.toFixed(0)} ms`);
    assert.ok(electedMs < electionLimitMs, `elected after ${electedMs.toFixed(0)} ms`);
  });
}

/** Writes at a rate, whatever the answers take. */
class Load implements AsyncDisposable {
  readonly #timer: NodeJS.Timeout;
  readonly #answers: Promise<void>[] = [];

  constructor(real: RealCluster, leader: string, bytesPerSecond: number) {
    this.#timer = setInterval(
      () => this.#answers.push(write(real, leader, this.#answers.length)),
      (1000 * valueBytes) / bytesPerSecond,
    );
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#answers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

async function writeBacklog(real: RealCluster, leader: string, bytes: number): Promise<void> {
  const left = Array.from({ length: bytes / valueBytes }, (_, position) => position);
  const client = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      await write(real, leader, next);
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
}

async function write(real: RealCluster, leader: string, key: number): Promise<void> {
  const path = `/v2/keys/slow/${key % 8}`;
  const answer = await real.request(leader, 'PUT', path, { value: 'x'.repeat(valueBytes) });
  assert.ok(answer.ok, `answered with ${answer.status}`);
  await answer.text();
}

async function idOf(real: RealCluster, name: string): Promise<string> {
  const answer = await real.get(name, '/v2/stats/self');
  return JSON.parse(await answer.text()).id;
}

/** Asked only now and then: the members have other things to do. */
async function lagOf(real: RealCluster, leader: string, id: string): Promise<number> {
  await new Promise((later) => setTimeout(later, 50));
  const answer = await real.get(leader, '/v2/stats/leader');
  return JSON.parse(await answer.text()).followers[id].lag;
}

/** How often the member has told, at debug, that it connected to the peer. */
function connections(real: RealCluster, name: string, id: string): number {
  const lines = readFileSync(join(real.dataDir, `${name}.log`), 'utf8').split('\n');
  return lines.filter((line) => line.includes('connected to peer') && line.includes(id)).length;
}
