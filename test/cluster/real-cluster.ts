import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { LocalCluster } from '../../scripts/cluster/local-cluster.mjs';
import { build, buildDashboard, root } from '../../scripts/packages.mjs';
import { until } from './until.js';

/** Members are what users run. Whoever changed the sources gets them built first. */
build(() => {});
buildDashboard(() => {});

/** The executable as users run it, with what precedes its arguments. */
export const asBuilt: readonly string[] = [process.execPath, join(root, 'dist', 'main.js')];

interface Self {
  readonly role: string;
  readonly term: number;
}

/** For tests of what is answered, not of how soon: the machine may have other things to do. */
export const patient = ['--request-timeout', '10000'];

export interface LogLine {
  readonly level: string;
  /** As `Date.parse` reads it. */
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

type Prepare = (dataDir: string, initialCluster: string) => Promise<void>;

interface StartOptions {
  readonly flags: readonly string[];
  readonly command: readonly string[];
  readonly prepare: Prepare | undefined;
  readonly gateways: readonly string[];
}

/** Three real members, each in its own process. */
export class RealCluster implements AsyncDisposable {
  readonly cluster: LocalCluster;
  readonly dataDir: string;
  readonly #clientPorts: readonly number[];

  constructor(cluster: LocalCluster, dataDir: string, clientPorts: readonly number[]) {
    this.cluster = cluster;
    this.dataDir = dataDir;
    this.#clientPorts = clientPorts;
  }

  /**
   * @param prepare may make data directories before the members start. These then reach each other
   *   directly, and no link can be cut.
   */
  static async start(
    flags: readonly string[] = [],
    command: readonly string[] = asBuilt,
    prepare?: Prepare,
  ): Promise<RealCluster> {
    return await RealCluster.#start({ flags, command, prepare, gateways: [] });
  }

  /** Clients reach the members by these addresses of this machine, too. */
  static async startFor(gateways: readonly string[]): Promise<RealCluster> {
    return await RealCluster.#start({
      flags: [],
      command: asBuilt,
      prepare: undefined,
      gateways,
    });
  }

  static async #start({ flags, command, prepare, gateways }: StartOptions): Promise<RealCluster> {
    const dataDir = mkdtempSync(join(tmpdir(), 'conclave-test-'));
    const ports = await freePorts(6);
    const clientPorts = ports.slice(0, 3);
    const cluster = new LocalCluster({
      clientPorts,
      peerPorts: ports.slice(3),
      dataDir,
      command,
      flags,
      flagsOf: (name) => {
        if (gateways.length === 0) return [];
        const port = clientPorts[cluster.names.indexOf(name)];
        const urls = ['127.0.0.1', ...gateways].map((address) => `http://${address}:${port}`);
        return ['--listen-client-urls', urls.join()];
      },
      linkProxies: prepare === undefined,
      log: (line: string) => console.error(line),
    });
    const real = new RealCluster(cluster, dataDir, clientPorts);
    try {
      const urls = ports.slice(3).map((port, at) => `node${at + 1}=http://127.0.0.1:${port}`);
      await prepare?.(dataDir, urls.join());
      await cluster.start();
      await real.#serves();
    } catch (error) {
      await real[Symbol.asyncDispose]();
      throw error;
    }
    return real;
  }

  async #serves(): Promise<void> {
    for (const port of this.#clientPorts) {
      await until(() => isListening(port), `a member listens at ${port}`, 30_000);
    }
    await until(async () => (await this.leader()) !== undefined, 'a leader is elected', 30_000);
    for (const name of this.names) {
      await until(async () => (await this.get(name, '/health')).status === 200, `${name} serves`);
    }
  }

  get names(): readonly string[] {
    return this.cluster.names;
  }

  url(name: string, path: string): string {
    return `http://127.0.0.1:${this.#clientPorts[this.names.indexOf(name)]}${path}`;
  }

  /** For `CONCLAVE_ENDPOINTS` of those who reach this machine by that address. */
  endpoints(address = '127.0.0.1'): string {
    return this.#clientPorts.map((port) => `http://${address}:${port}`).join();
  }

  /** What the member's process prints. */
  logPath(name: string): string {
    return join(this.dataDir, `${name}.log`);
  }

  /** What it has logged as JSON so far, in all its runs. */
  logLines(name: string): readonly LogLine[] {
    return readFileSync(this.logPath(name), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line): LogLine => JSON.parse(line));
  }

  async get(name: string, path: string): Promise<Response> {
    return await this.request(name, 'GET', path);
  }

  /** Answers with status 599 when nobody answers. */
  async request(name: string, method: string, path: string, form?: object): Promise<Response> {
    const body = form === undefined ? null : new URLSearchParams({ ...form });
    try {
      return await fetch(this.url(name, path), {
        method,
        body,
        signal: AbortSignal.timeout(20_000),
      });
    } catch {
      return new Response('', { status: 599 });
    }
  }

  /** Of those among `names` who take themselves for the leader, the one of the latest term. */
  async leader(names: readonly string[] = this.names): Promise<string | undefined> {
    const answers = await Promise.all(names.map((name) => this.get(name, '/v2/stats/self')));
    const selves: (Self & { name: string })[] = [];
    for (const [position, answer] of answers.entries()) {
      if (answer.status !== 200) continue;
      const self: Self = JSON.parse(await answer.text());
      selves.push({ ...self, name: names[position] ?? '' });
    }
    const leaders = selves.filter(({ role }) => role === 'leader');
    return leaders.sort((one, other) => other.term - one.term)[0]?.name;
  }

  /** Nobody is left to whom they could hand over: members that are told to stop would wait. */
  async [Symbol.asyncDispose](): Promise<void> {
    const alive = this.cluster.status().nodes.filter(({ state }) => state !== 'dead');
    await Promise.all(alive.map(({ name }) => this.cluster.kill(name)));
    await this.cluster.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Costs less than a request that is refused: the start of a member takes its time. */
async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
