import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import { asBuilt, RealCluster } from './real-cluster.js';
import { until } from './until.js';

const clientCount = 64;
const killCount = 10;
const gapLimitMs = 500;

test('ten leaders are killed under 64 writers: nothing is lost, survivors go on', async (context) => {
  await using real = await RealCluster.start([], asBuilt);
  await using writers = new Writers(real);
  const gaps: number[] = [];
  for (let kill = 0; kill < killCount; kill += 1) {
    const leader = (await real.leader()) ?? '';
    const survivors = real.names.filter((name) => name !== leader);
    writers.writeTo(survivors);
    await writers.acknowledges(5 * clientCount);
    const killedAt = performance.now();
    await real.cluster.kill(leader);
    const elected = async () => (await real.leader(survivors)) !== undefined;
    await until(elected, 'the survivors elect');
    await writers.acknowledges(5 * clientCount);
    gaps.push(writers.longestGapSince(killedAt));
    await real.cluster.restart(leader);
    const serves = async () => (await real.get(leader, '/health')).status === 200;
    await until(serves, `${leader} is back`, 30_000);
  }
  await writers.stop();
  context.diagnostic(`${writers.acknowledged.size} writes acknowledged`);
  context.diagnostic(`longest gaps: ${gaps.map((gap) => `${gap.toFixed(0)} ms`).join(', ')}`);
  assert.deepEqual(writers.failures, []);
  for (const name of real.names) {
    assert.deepEqual(await missing(real, name, writers.acknowledged), [], `lost at ${name}`);
  }
  for (const gap of gaps) assert.ok(gap < gapLimitMs, `${gap} ms without a successful write`);
});

async function missing(
  real: RealCluster,
  name: string,
  acknowledged: ReadonlySet<string>,
): Promise<readonly string[]> {
  const answer = await real.get(name, '/v2/keys/killed?recursive=true');
  const { node } = JSON.parse(await answer.text());
  const found = new Set<string>();
  for (const client of node.nodes) {
    for (const { key, value } of client.nodes) found.add(`${key}=${value}`);
  }
  return [...acknowledged].filter((write) => !found.has(write));
}

/** Clients that write as fast as they are answered, each to keys of its own. */
class Writers implements AsyncDisposable {
  /** As `key=value`. */
  readonly acknowledged = new Set<string>();
  readonly failures: string[] = [];
  readonly #real: RealCluster;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #done: Promise<void>[] = [];
  #targets: readonly string[] = [];
  #acknowledgedAt: number[] = [];
  #running = true;

  constructor(real: RealCluster) {
    this.#real = real;
  }

  /** From now on. A request that is under way ends where it is. */
  writeTo(targets: readonly string[]): void {
    this.#targets = targets;
    if (this.#done.length > 0) return;
    for (let client = 0; client < clientCount; client += 1) this.#done.push(this.#write(client));
  }

  async acknowledges(count: number): Promise<void> {
    const wanted = this.acknowledged.size + count;
    await until(() => this.acknowledged.size >= wanted, `${count} more writes are acknowledged`);
  }

  /** Between two successful writes, the one before `since` included. */
  longestGapSince(since: number): number {
    let longest = 0;
    let last = since;
    for (const time of this.#acknowledgedAt) {
      if (time > since) longest = Math.max(longest, time - last);
      last = Math.max(last, time);
    }
    return longest;
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#done);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#agent.destroy();
  }

  async #write(client: number): Promise<void> {
    for (let count = 0; this.#running; count += 1) {
      const target = this.#targets[client % this.#targets.length] ?? '';
      const key = `/killed/${client}/${count}`;
      const status = await this.#put(this.#real.url(target, `/v2/keys${key}`), `v${count}`);
      if (status !== 201) {
        // Nobody may blame a member that is not told to survive.
        if (this.#targets.includes(target)) this.failures.push(`${target}: ${status}`);
        continue;
      }
      this.acknowledged.add(`${key}=v${count}`);
      this.#acknowledgedAt.push(performance.now());
    }
  }

  #put(url: string, value: string): Promise<number | string> {
    return new Promise((resolve) => {
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      const sent = request(url, { method: 'PUT', agent: this.#agent, headers }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      });
      sent.once('error', (error) => resolve(error.message));
      sent.end(`value=${value}`);
    });
  }
}
