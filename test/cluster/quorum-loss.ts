import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { residentBytes } from '../../scripts/scale/process-usage.mjs';
import { defaultLimits } from '../../src/member/options.js';
import { asBuilt, type RealCluster } from './real-cluster.js';
import { until } from './until.js';

type Role = 'leader' | 'follower';

export interface QuorumLossPlan {
  /** What the member was that is left alone. */
  readonly alone: Role;
  readonly clients: number;
  readonly bodyBytes: number;
  readonly durationMs: number;
  /** What the member may hold of memory while it is asked. */
  readonly limitBytes: number;
  /** What it may hold on to afterwards, beyond what it did before. */
  readonly restBytes: number;
  /** How much of what became resident meanwhile must be returned to the system. */
  readonly returnedShare: number;
  /** What may stay resident, however little that returns. */
  readonly residentMaxBytes: number;
  readonly restLimitMs: number;
  readonly onProgress: (line: string) => void;
}

const megabyte = 1_000_000;

/** What a member keeps beyond what it held before: what it had appended as the leader, too. */
const restBytes = {
  leader: 20 * megabyte + defaultLimits.uncommittedBytesMax,
  follower: 20 * megabyte,
} as const;

export function memoryBounds(alone: Role) {
  return {
    alone,
    bodyBytes: megabyte,
    limitBytes: 300 * megabyte,
    restBytes: restBytes[alone],
    // V8 and the C library keep the rest for the next load.
    returnedShare: 0.1,
    residentMaxBytes: 200 * megabyte,
    restLimitMs: 30_000,
  };
}

export interface QuorumLossResult {
  readonly before: Memory;
  /** The most that was resident meanwhile, in bytes. */
  readonly peakBytes: number;
  /** When little enough was held and resident again, or at the end of the time for that. */
  readonly after: Memory;
  readonly afterMs: number;
  /** Whether it was little enough. */
  readonly hasFallen: boolean;
  /** How many requests were answered with which status; zero stands for no answer. */
  readonly answers: ReadonlyMap<number, number>;
}

/** After a collection, in bytes. */
interface Memory {
  readonly held: number;
  readonly resident: number;
}

/**
 * Members that collect their garbage when they get SIGUSR2, and print what is left. V8 by itself
 * collects when more is allocated, which may be never after a load has ended; and the C library
 * keeps what was freed for later. What a member holds on to is what is left after a collection.
 */
export const collectable: readonly string[] = [
  ...asBuilt.slice(0, 1),
  ...['--expose-gc', '--import', new URL('collect-on-signal.mjs', import.meta.url).href],
  ...asBuilt.slice(1),
];

const sampleEveryMs = 50;
const tellEveryMs = 30_000;

/**
 * A member whose two peers are dead is asked, again and again by many at once, to store large
 * values. It can store none, and must not keep what it was sent; only a leader appends to its log,
 * until it notices that it has no quorum. A client that was answered asks again at once.
 */
export class QuorumLoss {
  readonly #real: RealCluster;
  readonly #plan: QuorumLossPlan;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #answers = new Map<number, number>();
  #running = true;

  constructor(real: RealCluster, plan: QuorumLossPlan) {
    this.#real = real;
    this.#plan = plan;
  }

  async run(): Promise<QuorumLossResult> {
    const { cluster, names } = this.#real;
    const leader = await this.#real.leader();
    const isAlone = (name: string) => (name === leader) === (this.#plan.alone === 'leader');
    const alone = names.find(isAlone) ?? '';
    await Promise.all(names.filter((name) => name !== alone).map((name) => cluster.kill(name)));
    const pid = cluster.status().nodes.find(({ name }) => name === alone)?.pid ?? 0;
    const before = await this.#collected(alone, pid);
    this.#plan.onProgress(`${alone} is alone: ${memoryText(before)}`);
    const peakBytes = await this.#load(alone, pid);
    const since = performance.now();
    let after = await this.#collected(alone, pid);
    const { restBytes, returnedShare, residentMaxBytes } = this.#plan;
    const residentMax = Math.min(
      residentMaxBytes,
      peakBytes - returnedShare * (peakBytes - before.resident),
    );
    const hasFallen = () => after.held < before.held + restBytes && after.resident < residentMax;
    while (!hasFallen() && performance.now() - since < this.#plan.restLimitMs) {
      after = await this.#collected(alone, pid);
    }
    const afterMs = performance.now() - since;
    return { before, peakBytes, after, afterMs, hasFallen: hasFallen(), answers: this.#answers };
  }

  async #collected(name: string, pid: number): Promise<Memory> {
    const told = () => [
      ...readFileSync(this.#real.logPath(name), 'utf8').matchAll(/^{"heldBytes":(\d+)}$/gm),
    ];
    const known = told().length;
    process.kill(pid, 'SIGUSR2');
    await until(() => told().length > known, `${name} has collected its garbage`);
    return { held: Number(told().at(-1)?.[1]), resident: residentBytes(pid) };
  }

  /** The most that the member held meanwhile. */
  async #load(name: string, pid: number): Promise<number> {
    const body = Buffer.from(`value=${'v'.repeat(this.#plan.bodyBytes)}`);
    const clients = Array.from({ length: this.#plan.clients }, async (_, client) => {
      const path = `/v2/keys/client${client}`;
      while (this.#running) this.#note(await this.#send(name, 'PUT', path, body));
    });
    const endsAt = performance.now() + this.#plan.durationMs;
    let toldAt = performance.now();
    let peakBytes = 0;
    while (performance.now() < endsAt) {
      const bytes = residentBytes(pid);
      peakBytes = Math.max(peakBytes, bytes);
      if (performance.now() - toldAt > tellEveryMs) {
        toldAt += tellEveryMs;
        this.#plan.onProgress(`it holds ${megabytes(bytes)}, at most ${megabytes(peakBytes)}`);
      }
      await new Promise((later) => setTimeout(later, sampleEveryMs));
    }
    this.#running = false;
    await Promise.all(clients);
    this.#agent.destroy();
    return peakBytes;
  }

  #note(status: number): void {
    this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1);
  }

  /** Zero when the connection ended without an answer. */
  #send(name: string, method: string, path: string, body: Buffer): Promise<number> {
    const headers = {
      'Content-Type': 'application/x-www-form-urlencoded',
      'Content-Length': body.byteLength,
    };
    return new Promise((resolve) => {
      const url = this.#real.url(name, path);
      const sent = request(url, { method, agent: this.#agent, headers }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      });
      sent.once('close', () => resolve(0));
      sent.on('error', () => resolve(0));
      sent.end(body);
    });
  }
}

export function memoryText({ held, resident }: Memory): string {
  return `${megabytes(held)} held, ${megabytes(resident)} resident`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / megabyte).toFixed(0)} MB`;
}
