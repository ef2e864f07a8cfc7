import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { until } from '../cluster/until.js';

/** The interpreter that Debian's Python packages belong to, whatever else a machine has. */
export const python = '/usr/bin/python3';

const pythonPackages = '/usr/lib/python3/dist-packages';
export const pythonEtcd = `${pythonPackages}/etcd`;
export const pythonKombu = `${pythonPackages}/kombu`;
export const pythonTooz = `${pythonPackages}/tooz`;

/** What each program is installed with. */
const packageOf: Readonly<Record<string, string>> = {
  [python]: 'python3',
  [pythonEtcd]: 'python3-etcd',
  [pythonKombu]: 'python3-kombu python3-etcd',
  [pythonTooz]: 'python3-tooz python3-etcd',
  '/usr/bin/patroni': 'patroni postgresql-15',
  '/usr/lib/postgresql/15/bin/postgres': 'postgresql-15',
  '/usr/bin/vip-manager': 'vip-manager',
  '/usr/libexec/ctdb/ctdb_etcd_lock': 'ctdb python3-etcd',
  '/usr/bin/etcd': 'etcd-server',
  '/usr/bin/prometheus': 'prometheus',
  '/usr/bin/promtool': 'prometheus',
  '/usr/bin/strace': 'strace',
  '/usr/bin/systemd-analyze': 'systemd',
};

/** Says why what needs these is skipped; false where all are installed. */
export function missing(...programs: readonly string[]): string | false {
  const absent = programs.filter((program) => !existsSync(program));
  if (absent.length === 0) return false;
  const packages = absent.map((program) => packageOf[program]).join(' ');
  return `${absent.join(', ')}: apt-get install --no-install-recommends ${packages}`;
}

/** A program that a test started, with all that it printed. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  /** Its streams, too; programs that it started may have inherited them. */
  readonly #closed: Promise<unknown>;
  #output = '';

  /** @param env replaces the environment of the test, but for the search path. */
  constructor(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const [executable = '', ...args] = command;
    this.#child = spawn(executable, args, {
      env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    this.#exited = once(this.#child, 'exit');
    this.#closed = once(this.#child, 'close');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get output(): string {
    return this.#output;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async prints(wanted: RegExp | string, limitMs = 30_000): Promise<void> {
    const printed = () =>
      typeof wanted === 'string' ? this.#output.includes(wanted) : wanted.test(this.#output);
    await until(() => printed() || this.hasEnded, `it prints ${wanted}`, limitMs).catch(this.#tell);
    if (!printed()) throw new Error(`it ended without ${wanted}:\n${this.#output}`);
  }

  /** Resolves with its exit code; null when a signal ended it. */
  async ends(limitMs = 60_000): Promise<number | null> {
    await until(() => this.hasEnded, 'it ends', limitMs).catch(this.#tell);
    await this.#closed;
    return this.#child.exitCode;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.hasEnded) await this.end('SIGKILL');
  }

  readonly #tell = (error: unknown): never => {
    throw new Error(`it printed:\n${this.#output}`, { cause: error });
  };
}

/** Runs a Python script to its end. Fails with what it printed, unless it ended well. */
export async function runPython(script: string, ...args: readonly string[]): Promise<string> {
  await using program = new Program([python, new URL(script, import.meta.url).pathname, ...args]);
  const code = await program.ends();
  if (code !== 0) throw new Error(`${script} ended with ${code}:\n${program.output}`);
  return program.output;
}
