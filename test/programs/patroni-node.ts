import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../cluster/until.js';
import { Program } from './program.js';

const postgresBin = '/usr/lib/postgresql/15/bin';

export interface PatroniOptions {
  readonly name: string;
  /** Owned by the user postgres. */
  readonly folder: string;
  readonly restPort: number;
  readonly postgresPort: number;
  /** Addresses of Conclave's members, as `host:port`. */
  readonly etcdHosts: readonly string[];
}

/** What Patroni's REST API tells about its PostgreSQL. */
export interface PatroniStatus {
  readonly state: string;
  readonly role: 'master' | 'replica' | 'uninitialized';
  readonly timeline?: number;
}

/** A Patroni with its PostgreSQL 15, both under the user postgres. */
export class PatroniNode implements AsyncDisposable {
  readonly name: string;
  readonly configPath: string;
  readonly #options: PatroniOptions;
  #program: Program | undefined;

  constructor(options: PatroniOptions) {
    this.name = options.name;
    this.#options = options;
    mkdirSync(this.#home);
    chownSync(this.#home, postgresUser().uid, postgresUser().gid);
    this.configPath = join(this.#home, 'patroni.yml');
    writeFileSync(this.configPath, JSON.stringify(this.#config(), undefined, 2));
  }

  start(): void {
    const command = [...asPostgres, '/usr/bin/patroni', this.configPath];
    this.#program = new Program(command, { HOME: this.#home });
  }

  get output(): string {
    return this.#program?.output ?? '';
  }

  /** Undefined while nobody answers. */
  async status(): Promise<PatroniStatus | undefined> {
    const url = `http://127.0.0.1:${this.#options.restPort}/patroni`;
    const signal = AbortSignal.timeout(2000);
    const answer = await fetch(url, { signal }).catch(() => undefined);
    return answer === undefined ? undefined : JSON.parse(await answer.text());
  }

  async becomes(role: PatroniStatus['role'], limitMs: number): Promise<void> {
    const has = async () => {
      const status = await this.status();
      return status?.role === role && status.state === 'running';
    };
    await until(has, `${this.name} is a ${role}`, limitMs).catch((error: unknown) => {
      throw new Error(`${this.name} printed:\n${this.output.slice(-3000)}`, { cause: error });
    });
  }

  /** Runs one statement. */
  async execute(sql: string): Promise<void> {
    const { code, output } = await this.#psql(sql);
    if (code !== 0) throw new Error(`${sql}: ${output}`);
  }

  /** Resolves once the statement prints this; while a node is rewound, nobody answers. */
  async tells(sql: string, wanted: string): Promise<void> {
    const has = async () => (await this.#psql(sql)).output.trim() === wanted;
    await until(has, `${this.name} answers ${wanted} to ${sql}`, 60_000);
  }

  async #psql(sql: string) {
    const { postgresPort } = this.#options;
    const address = ['-h', '127.0.0.1', '-p', String(postgresPort), '-U', 'postgres'];
    const env = { PGPASSWORD: 'super', PGCONNECT_TIMEOUT: '5' };
    await using psql = new Program(['psql', ...address, '-Atc', sql, 'postgres'], env);
    return { code: await psql.ends(), output: psql.output };
  }

  /** As when its machine fails. */
  async kill(): Promise<void> {
    const postmaster = this.#postmaster();
    await this.#program?.end('SIGKILL');
    // The children of a postmaster that is gone end by themselves.
    if (postmaster !== undefined) process.kill(postmaster, 'SIGKILL');
  }

  #postmaster(): number | undefined {
    try {
      return Number(readFileSync(join(this.#dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It stops its PostgreSQL first.
    if (this.#program?.hasEnded === false) await this.#program.end('SIGTERM');
  }

  get #home(): string {
    return join(this.#options.folder, this.name);
  }

  get #dataDir(): string {
    return join(this.#home, 'data');
  }

  /** JSON is YAML, too. The times are the shortest that Patroni permits. */
  #config(): object {
    const { name, restPort, postgresPort, etcdHosts } = this.#options;
    const restApi = `127.0.0.1:${restPort}`;
    const account = (username: string, password: string) => ({ username, password });
    return {
      scope: 'demo',
      name,
      restapi: { listen: restApi, connect_address: restApi },
      etcd: { hosts: etcdHosts },
      bootstrap: {
        dcs: {
          ...{ ttl: 20, loop_wait: 1, retry_timeout: 5, maximum_lag_on_failover: 1_048_576 },
          postgresql: { use_pg_rewind: true, parameters: { wal_keep_size: '64MB' } },
        },
        initdb: [{ encoding: 'UTF8' }, 'data-checksums'],
        pg_hba: ['host replication all 127.0.0.1/32 md5', 'host all all 127.0.0.1/32 md5'],
      },
      postgresql: {
        listen: `127.0.0.1:${postgresPort}`,
        connect_address: `127.0.0.1:${postgresPort}`,
        data_dir: this.#dataDir,
        bin_dir: postgresBin,
        authentication: {
          superuser: account('postgres', 'super'),
          replication: account('replicator', 'copy'),
          rewind: account('rewinder', 'rewind'),
        },
        parameters: {
          unix_socket_directories: this.#home,
          ...{ shared_buffers: '16MB', max_connections: 20, fsync: 'off' },
        },
      },
    };
  }
}

/** PostgreSQL refuses to run as root. */
const asPostgres = ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'];

export function postgresUser(): { readonly uid: number; readonly gid: number } {
  const idOf = (flag: string) =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: idOf('-u'), gid: idOf('-g') };
}
