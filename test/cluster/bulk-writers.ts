import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { RealCluster } from './real-cluster.js';

export const keysPerFolder = 100;

export interface BulkPlan {
  readonly clients: number;
  readonly keys: number;
  readonly valueBytes: number;
}

/** An answer may take as long as an election and a snapshot do. */
const answerLimitMs = 30_000;

/** After an answer that is no success. */
const pauseMs = 50;

/**
 * Clients that write large values, each to keys of its own, again and again, through all members
 * that live.
 */
export class BulkWriters implements AsyncDisposable {
  /**
   * The latest version of each key that was acknowledged. A value begins with its version and a
   * dot.
   */
  readonly acknowledged = new Map<string, number>();
  /** The versions of each key without a success. One may take effect later than newer ones. */
  readonly uncertain = new Map<string, Set<number>>();
  readonly #real: RealCluster;
  readonly #plan: BulkPlan;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #done: Promise<void>[] = [];
  #bytes = 0;
  #failures = 0;
  #bytesPerSecond = Number.POSITIVE_INFINITY;
  #running = true;

  constructor(real: RealCluster, plan: BulkPlan) {
    this.#real = real;
    this.#plan = plan;
    for (let client = 0; client < plan.clients; client += 1) this.#done.push(this.#write(client));
  }

  /** Of values that were acknowledged. */
  get bytes(): number {
    return this.#bytes;
  }

  get failures(): number {
    return this.#failures;
  }

  /** All of them together, from now on. */
  slowTo(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
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
    const { clients, keys, valueBytes } = this.#plan;
    for (let count = 0; this.#running; count += 1) {
      const number = (client + count * clients) % keys;
      const key = `/bulk/${Math.floor(number / keysPerFolder)}/${number}`;
      const target = this.#target(client + count);
      const status = await this.#put(target, key, `${count}.${letters(valueBytes)}`);
      const isWritten = status === 200 || status === 201;
      if (isWritten) {
        this.acknowledged.set(key, count);
        this.#bytes += valueBytes;
      } else {
        this.#failures += 1;
        this.uncertain.set(key, (this.uncertain.get(key) ?? new Set()).add(count));
      }
      await sleep(isWritten ? (clients * valueBytes * 1000) / this.#bytesPerSecond : pauseMs);
    }
  }

  #target(turn: number): string {
    const living = this.#real.cluster.status().nodes.filter(({ state }) => state === 'running');
    return living[turn % living.length]?.name ?? '';
  }

  /** Zero when nobody answered. */
  #put(target: string, key: string, value: string): Promise<number> {
    const url = this.#real.url(target, `/v2/keys${key}`);
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const options = { method: 'PUT', agent: this.#agent, headers, timeout: answerLimitMs };
    return new Promise((resolve) => {
      const sent = request(url, options, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
        response.once('error', () => resolve(0));
      });
      sent.once('timeout', () => sent.destroy());
      sent.once('close', () => resolve(0));
      sent.on('error', () => resolve(0));
      sent.end(`value=${value}`);
    });
  }
}

/** Such that no compression makes them smaller than three quarters. */
function letters(count: number): string {
  return randomBytes(Math.ceil((count * 3) / 4)).toString('base64url');
}

async function sleep(ms: number): Promise<void> {
  if (ms > 0) await new Promise((later) => setTimeout(later, ms));
}
