import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/packages.mjs';
import { asBuilt, type RealCluster } from './real-cluster.js';
import { until } from './until.js';

export const beatingCommand = join(root, 'test', 'cluster', 'beating-command.mjs');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line, as a user starts it. */
export class LockProcess {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;

  constructor(real: RealCluster, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const [node = '', ...before] = asBuilt;
    const CONCLAVE_ENDPOINTS = real.names.map((name) => real.url(name, '')).join();
    this.process = spawn(node, [...before, ...args], {
      env: { ...process.env, CONCLAVE_ENDPOINTS, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.ended = this.#end();
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  async #end(): Promise<Ended> {
    const told = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      this.process[name]?.setEncoding('utf8').on('data', (text: string) => {
        told[name] += text;
      });
    }
    // Not 'close': a command that survived would keep its output open.
    const [code, signal] = await once(this.process, 'exit');
    return { code, signal, ...told };
  }
}

interface Beginning {
  readonly pid: number;
  /** The process that started the command. */
  readonly guard: number;
  readonly env: Readonly<Record<string, string>>;
}

export type Manner = 'plain' | 'stubborn' | 'parent';

/** A lock command whose command writes down when it runs. */
export class BeatingLock extends LockProcess {
  readonly #file: string;

  constructor(
    real: RealCluster,
    args: readonly string[],
    {
      file,
      manner = 'plain',
      kind = 'lock',
    }: { readonly file: string; readonly manner?: Manner; readonly kind?: 'lock' | 'once' },
  ) {
    const command = [process.execPath, beatingCommand, file, manner];
    super(real, [kind, ...args, '--', ...command]);
    this.#file = file;
  }

  async begins(): Promise<Beginning> {
    await until(() => this.beats().length > 0, 'the command runs', 60_000);
    return JSON.parse(readFileSync(this.#file, 'utf8').split('\n', 1)[0] ?? '');
  }

  beats(): readonly number[] {
    return beatsIn(this.#file);
  }
}

/** When the command ran, in milliseconds on the machine's monotonic clock. */
export function beatsIn(file: string): readonly number[] {
  if (!existsSync(file)) return [];
  const [, ...lines] = readFileSync(file, 'utf8').split('\n');
  // The last piece is empty, or half a line.
  return lines.slice(0, -1).map((line) => Number(line) / 1000);
}

/** On the same clock as the beats. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
