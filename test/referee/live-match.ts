import { isDeepStrictEqual } from 'node:util';
import { patient, RealCluster } from '../cluster/real-cluster.js';
import { until } from '../cluster/until.js';
import { type Essence, essenceOf, loosened } from './essence.js';
import { Etcd } from './etcd.js';
import { type Answer, ask, describe, type Question } from './exchange.js';
import { Line } from './line.js';
import { readAll } from './random-scene.js';
import type { Partner, Scene } from './scene.js';
import { wantedDifferences } from './wanted-differences.js';

/** After so long an answer that goes on counts as open, on both sides. */
const openMs = 200;

/** How many of the last questions are shown beside the one on which the two differ. */
const shownMax = 8;

/** A real etcd and three real members of ours, who are asked the same and must say the same. */
export class LiveMatch implements Partner, AsyncDisposable {
  readonly #etcd: Etcd;
  readonly #real: RealCluster;
  readonly #theirs: Line;
  readonly #lines: ReadonlyMap<string, Line>;
  /** The members that are asked in turn. One that is about to be killed is not among them. */
  #members: readonly string[];
  #told: string[] = [];
  #underWay: Promise<unknown> = Promise.resolve();
  asked = 0;
  slowestMs = 0;

  private constructor(etcd: Etcd, real: RealCluster) {
    this.#etcd = etcd;
    this.#real = real;
    this.#theirs = new Line(etcd.port, openMs);
    this.#members = real.names;
    const portOf = (name: string) => Number(new URL(real.url(name, '/')).port);
    this.#lines = new Map(real.names.map((name) => [name, new Line(portOf(name), openMs)]));
  }

  static async start(): Promise<LiveMatch> {
    const etcd = await Etcd.start();
    try {
      const match = new LiveMatch(etcd, await RealCluster.start(patient));
      await match.#align();
      return match;
    } catch (error) {
      await etcd[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The start of each has moved its index. From now on they are equal, and must stay so. */
  async #align(): Promise<void> {
    const write = ask('PUT', '/v2/keys/_base', 'value=here');
    let theirs = indexOf(await this.#theirs.ask(write));
    let ours = indexOf(await this.#ourLine().ask(write));
    while (theirs < ours) theirs = indexOf(await this.#theirs.ask(write));
    while (ours < theirs) ours = indexOf(await this.#ourLine().ask(write));
  }

  /** The two are asked at one time; what etcd says is handed on. */
  async ask(question: Question): Promise<Answer> {
    const both = Promise.all([this.#theirs.ask(question), this.#askUs(question)]);
    this.#underWay = both;
    const [theirs, ours] = await both;
    this.asked += 1;
    const now = Date.now();
    this.#judge(question, essenceOf(theirs, now), essenceOf(ours, now));
    return theirs;
  }

  async pause(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** One conversation; everything that it left is removed, on both sides. */
  async play(scene: Scene): Promise<void> {
    await scene.play(this);
    const { body } = await this.ask(ask('GET', '/v2/keys?sorted=true'));
    const nodes: readonly { key: string }[] = JSON.parse(body).node.nodes ?? [];
    for (const key of [...nodes.map((node) => node.key), '/_h']) {
      const path = key.split('/').map(encodeURIComponent).join('/');
      await this.ask(ask('DELETE', `/v2/keys${path}?recursive=true`));
    }
    await readAll(this);
  }

  /**
   * The leader goes, without a word or in good order, while the questions go on. Resolves when it
   * is back.
   */
  async changeLeader(way: 'kill' | 'restart'): Promise<void> {
    const leader = await this.#real.leader();
    if (leader === undefined) throw new Error('there is no leader to take away');
    this.#members = this.#real.names.filter((name) => name !== leader);
    // It may have a question still, and nobody can tell what becomes of that one.
    await this.#underWay;
    if (way === 'kill') {
      await this.#real.cluster.kill(leader);
      const others = this.#members;
      const elected = async () => (await this.#real.leader(others)) !== undefined;
      await until(elected, 'the others elect', 30_000);
    }
    await this.#real.cluster.restart(leader);
    const serves = async () => (await this.#real.get(leader, '/health')).status === 200;
    await until(serves, `${leader} is back`, 30_000);
    this.#members = this.#real.names;
  }

  async #askUs(question: Question): Promise<Answer> {
    const line = this.#ourLine();
    // A member's own state may be stale; after a read barrier it is not.
    if (/[?&](?:quorum|wait)=/.test(question.target)) await line.ask(ask('HEAD', '/v2/keys'));
    const askedAt = performance.now();
    const answer = await line.ask(question);
    this.slowestMs = Math.max(this.slowestMs, performance.now() - askedAt);
    return answer;
  }

  #ourLine(): Line {
    const name = this.#members[this.asked % this.#members.length] ?? '';
    const line = this.#lines.get(name);
    if (line === undefined) throw new Error(`nobody is called "${name}"`);
    return line;
  }

  #judge(question: Question, theirs: Essence, ours: Essence): void {
    this.#told = [...this.#told.slice(1 - shownMax), `${theirs.status} ${describe(question)}`];
    const difference = wantedDifferences.find(({ concerns }) => concerns(question));
    const agree =
      difference === undefined
        ? isDeepStrictEqual(loosened(ours, theirs), theirs)
        : difference.accepts(ours);
    if (agree) return;
    const lines = [
      ...['the answers differ, after', ...this.#told],
      `etcd: ${JSON.stringify(theirs)}`,
      `ours: ${JSON.stringify(ours)}`,
    ];
    throw new Error(lines.join('\n'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#theirs[Symbol.dispose]();
    for (const line of this.#lines.values()) line[Symbol.dispose]();
    await Promise.all([this.#etcd[Symbol.asyncDispose](), this.#real[Symbol.asyncDispose]()]);
  }
}

function indexOf({ headers }: Answer): number {
  const index = Number(headers.find(([name]) => name === 'X-Etcd-Index')?.[1]);
  if (!Number.isSafeInteger(index)) throw new Error('an answer without an index');
  return index;
}
