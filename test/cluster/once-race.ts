import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientMachine } from './client-machine.js';
import { type Ended, LockProcess } from './lock-process.js';
import { RealCluster } from './real-cluster.js';
import { until } from './until.js';

/** By how much the clocks of the machines are ahead of ours. */
const clocksAheadSeconds = [-30, 0, 30];

const passMs = (ms: number) => new Promise((later) => setTimeout(later, ms));

/** Three machines, whose clocks are 30 s apart, that call `conclave once` with the same keys. */
export class OnceRace implements AsyncDisposable {
  readonly #machines: readonly ClientMachine[];
  readonly #real: RealCluster;
  readonly #scratch = mkdtempSync(join(tmpdir(), 'conclave-once-race-'));

  /** Or why this machine does not let us have them. */
  static async start(): Promise<OnceRace | string> {
    const machines: ClientMachine[] = [];
    try {
      for (const aheadSeconds of clocksAheadSeconds) {
        const machine = await ClientMachine.start();
        if (typeof machine === 'string') {
          await endAll(machines);
          return machine;
        }
        machines.push(machine);
        machine.setClock(aheadSeconds);
      }
      const real = await RealCluster.startFor(machines.map(({ gateway }) => gateway));
      return new OnceRace(machines, real);
    } catch (error) {
      await endAll(machines);
      throw error;
    }
  }

  private constructor(machines: readonly ClientMachine[], real: RealCluster) {
    this.#machines = machines;
    this.#real = real;
  }

  /** As their own processes read it: by how much each machine's clock is ahead of ours. */
  clocksAheadSeconds(): readonly number[] {
    return this.#machines.map((machine) => {
      const { prefix, env } = machine.place(this.#real);
      const [ip = '', ...before] = prefix;
      const options = { env: { ...process.env, ...env }, encoding: 'utf8' } as const;
      const { stdout } = spawnSync(ip, [...before, 'date', '+%s%3N'], options);
      return Math.round((Number(stdout) - Date.now()) / 1000);
    });
  }

  /** Starts so many at once with this key. Returns what is wrong with what they did and told. */
  async run(key: string, runners: number): Promise<readonly string[]> {
    const file = join(this.#scratch, encodeURIComponent(key));
    const script = `echo "$0" >> '${file}'; sleep 0.3; echo ran`;
    const options = ['--key', key, '--timeout', '300'];
    const callers = Array.from({ length: runners }, (_, at) => {
      const place = this.#machines[at % this.#machines.length]?.place(this.#real);
      const command = ['sh', '-c', script, `runner ${at}`];
      return new LockProcess(this.#real, ['once', 'race', ...options, '--', ...command], place);
    });
    try {
      const ended = await Promise.all(callers.map((caller) => caller.ended));
      const runs = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
      const once = runs.length === 1 ? [] : [`${key} was run ${runs.length} times: ${runs.join()}`];
      return [...once, ...mistold(key, ended)];
    } finally {
      for (const caller of callers) caller.signal('SIGKILL');
    }
  }

  /** Now and then, until it is over. Returns how often. */
  async killLeaders(over: AbortSignal): Promise<number> {
    const { cluster, names } = this.#real;
    let kills = 0;
    while (!over.aborted) {
      await passMs(Math.random() * 5000);
      const leader = await this.#real.leader();
      if (leader === undefined) continue;
      await cluster.kill(leader);
      kills += 1;
      await passMs(1000);
      await cluster.restart(leader);
      for (const name of names) {
        const serves = async () => (await this.#real.get(name, '/health')).status === 200;
        await until(serves, `${name} serves again`, 60_000);
      }
    }
    return kills;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#real[Symbol.asyncDispose]();
    await endAll(this.#machines);
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}

/** One has run it, and all others tell that it was run, with the same words. */
function mistold(key: string, ended: readonly Ended[]): readonly string[] {
  const failed = ended.filter(({ code }) => code !== 0);
  const others = ended.filter(({ code, stdout }) => code === 0 && stdout !== 'ran\n');
  const words = new Set(others.map(({ stdout }) => stdout));
  const wrong = [...words].filter(
    (line) => !/^\S+ has run it at \S+, with exit code 0\n$/.test(line),
  );
  return [
    ...failed.map(({ code, signal, stderr }) => `${key}: ${code} ${signal} ${stderr}`),
    ...(words.size > 1 ? [`${key}: the others tell ${[...words].join()}`] : []),
    ...wrong.map((line) => `${key}: one tells ${line}`),
    ...(ended.length - failed.length - others.length === 1
      ? []
      : [`${key}: nobody tells of its run`]),
  ];
}

async function endAll(machines: readonly ClientMachine[]): Promise<void> {
  for (const machine of machines) await machine[Symbol.asyncDispose]();
}
