import { Agent, request } from 'node:http';
import type { RealCluster } from './real-cluster.js';
import { until } from './until.js';

export const clientCount = 64;

/** Clients that write as fast as they are answered, each to keys of its own. */
export class Writers implements AsyncDisposable {
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
    const enough = () => this.acknowledged.size >= wanted;
    await until(enough, `${count} more writes are acknowledged`, 30_000);
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
