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

/** Where a process runs. */
export interface Place {
  /** What precedes the command, and becomes it. */
  readonly prefix: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

const here: Place = { prefix: [], env: {} };

/** The command line, as a user starts it. */
export class LockProcess {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;

  constructor(real: RealCluster, args: readonly string[], { prefix, env }: Place = here) {
    const [program = '', ...before] = [...prefix, ...asBuilt];
    this.process = spawn(program, [...before, ...args], {
      env: { ...process.env, CONCLAVE_ENDPOINTS: real.endpoints(), ...env },
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
      place = here,
    }: {
      readonly file: string;
      readonly manner?: Manner;
      readonly kind?: 'lock' | 'once' | 'elect';
      readonly place?: Place;
    },
  ) {
    const command = [process.execPath, beatingCommand, file, manner];
    super(real, [kind, ...args, '--', ...command], place);
    this.#file = file;
  }

  async begins(): Promise<Beginning> {
    const hasEnded = () => this.process.exitCode !== null;
    await until(() => this.beats().length > 0 || hasEnded(), 'the command runs', 60_000);
    if (this.beats().length === 0) throw new Error(`it never ran: ${(await this.ended).stderr}`);
    return JSON.parse(readFileSync(this.#file, 'utf8').split('\n', 1)[0] ?? '');
  }

  beats(): readonly number[] {
    return beatsIn(this.#file);
  }

  /** By how much the command's wall clock was ahead of the machine's, at its last sign of life. */
  clockAheadMs(): number {
    const [monotonicUs = Number.NaN, wallMs = Number.NaN] = linesIn(this.#file).at(-1) ?? [];
    return wallMs - monotonicUs / 1000 - (Date.now() - monotonicMs());
  }
}

/** When the command ran, in milliseconds on the machine's monotonic clock. */
export function beatsIn(file: string): readonly number[] {
  return linesIn(file).map(([monotonicUs]) => (monotonicUs ?? Number.NaN) / 1000);
}

function linesIn(file: string): readonly (readonly number[])[] {
  if (!existsSync(file)) return [];
  const [, ...lines] = readFileSync(file, 'utf8').split('\n');
  // The last piece is empty, or half a line.
  return lines.slice(0, -1).map((line) => line.split(' ').map(Number));
}

/** On the same clock as the beats. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
