import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { until } from '../cluster/until.js';

/** As it says of itself; undefined where it is not installed. */
export function installedEtcd(): string | undefined {
  const { stdout, error } = spawnSync('etcd', ['--version'], { encoding: 'utf8' });
  return error === undefined ? /etcd Version: (\S+)/.exec(stdout)?.[1] : undefined;
}

/** A real etcd with its v2 API: one member, in a process of its own. */
export class Etcd implements AsyncDisposable {
  readonly port: number;
  readonly securePort: number;
  readonly #process: ChildProcess;
  readonly #dataDir: string;

  private constructor(port: number, securePort: number, child: ChildProcess, dataDir: string) {
    this.port = port;
    this.securePort = securePort;
    this.#process = child;
    this.#dataDir = dataDir;
  }

  /**
   * A port that was free may be somebody else's by now, but hardly twice.
   * @param security flags that name certificates: then it serves by https, too.
   */
  static async start(security: readonly string[] = []): Promise<Etcd> {
    try {
      return await Etcd.#startOnce(security);
    } catch {
      return await Etcd.#startOnce(security);
    }
  }

  static async #startOnce(security: readonly string[]): Promise<Etcd> {
    const [clientPort = 0, peerPort = 0, securePort = 0] = await freePorts(3);
    const dataDir = mkdtempSync(join(tmpdir(), 'conclave-referee-'));
    const log = openSync(join(dataDir, 'log'), 'w');
    const secure = security.length === 0 ? '' : `,https://127.0.0.1:${securePort}`;
    const args = [...flags(clientPort, peerPort, dataDir, secure), ...security];
    const child = spawn('etcd', args, { stdio: ['ignore', log, log] });
    const etcd = new Etcd(clientPort, securePort, child, dataDir);
    try {
      await until(() => etcd.#isSettled(), 'etcd serves', 30_000);
    } catch (error) {
      await etcd[Symbol.asyncDispose]();
      throw error;
    }
    return etcd;
  }

  /** Until then its own start writes to the store, and moves the index. */
  async #isSettled(): Promise<boolean> {
    if (this.#isOver) throw new Error('etcd ended by itself');
    try {
      const answer = await fetch(`http://127.0.0.1:${this.port}/version`);
      const { etcdcluster }: { etcdcluster?: string } = JSON.parse(await answer.text());
      return etcdcluster !== undefined && etcdcluster !== 'not_decided';
    } catch {
      return false;
    }
  }

  get #isOver(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'exit');
    }
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}

/** By default etcd lets the pages of every origin ask; Conclave those of none. */
const corsOff = 'http://nobody.invalid:1';

function flags(
  clientPort: number,
  peerPort: number,
  dataDir: string,
  secure: string,
): readonly string[] {
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    ...['--name', 'referee', '--data-dir', join(dataDir, 'data'), '--enable-v2'],
    ...['--heartbeat-interval', '10', '--election-timeout', '100', '--cors', corsOff],
    ...['--listen-client-urls', `${client}${secure}`, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', `referee=${peer}`],
  ];
}
