import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { MemberProcess } from '../../scripts/cluster/member-process.mjs';
import { Watchdog } from '../../scripts/cluster/watchdog.mjs';
import { ConclaveClient, type MemberSummary } from '../../src/client/index.js';
import { asBuilt } from './real-cluster.js';
import { until } from './until.js';

interface Machine {
  readonly name: string;
  readonly clientUrl: string;
  readonly peerUrl: string;
  readonly dataDir: string;
  process: MemberProcess | undefined;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Real members on machines some of which join later. */
export class ChangingCluster implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'conclave-test-'));
  readonly #machines = new Map<string, Machine>();
  readonly #watchdog = new Watchdog();

  /** @param founders of the others nothing runs yet. */
  static async start(
    names: readonly string[],
    founders: readonly string[],
  ): Promise<ChangingCluster> {
    const cluster = new ChangingCluster();
    cluster.#watchdog.start();
    const ports = await freePorts(2 * names.length);
    for (const [position, name] of names.entries()) {
      const clientUrl = `http://127.0.0.1:${ports[2 * position]}`;
      const peerUrl = `http://127.0.0.1:${ports[2 * position + 1]}`;
      const dataDir = join(cluster.#folder, name);
      cluster.#machines.set(name, { name, clientUrl, peerUrl, dataDir, process: undefined });
    }
    const initial = founders.map((name) => `${name}=${cluster.peerUrl(name)}`).join();
    for (const name of founders) cluster.run(name, ['--initial-cluster', initial]);
    try {
      for (const name of founders) await cluster.serves(name);
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  clientUrl(name: string): string {
    return this.#machine(name).clientUrl;
  }

  peerUrl(name: string): string {
    return this.#machine(name).peerUrl;
  }

  client(names: readonly string[]): ConclaveClient {
    return new ConclaveClient({
      endpoints: names.map((name) => this.clientUrl(name)),
      requestTimeoutMs: 30_000,
    });
  }

  /** Starts a member. What it prints is added to its log. */
  run(name: string, flags: readonly string[]): void {
    const machine = this.#machine(name);
    const { clientUrl, peerUrl, dataDir } = machine;
    machine.process = new MemberProcess({
      name,
      clientPort: Number(new URL(clientUrl).port),
      peerPort: Number(new URL(peerUrl).port),
      command: [
        ...[...asBuilt, 'server', '--name', name, '--data-dir', dataDir, '--log-format', 'json'],
        ...['--listen-client-urls', clientUrl, '--listen-peer-urls', peerUrl],
        ...['--request-timeout', '10000', ...flags],
      ],
      logPath: this.#logPath(name),
      log: () => {},
      onChange: () => this.#watch(),
    });
    machine.process.start();
  }

  /** Starts a member that was added, and asks `through` for the others. */
  join(name: string, through: string): void {
    this.run(name, ['--initial-cluster-state', 'existing', '--join', this.clientUrl(through)]);
  }

  async kill(name: string): Promise<void> {
    await this.#machine(name).process?.kill();
  }

  /** As a process manager does it: what is under way is answered. */
  async stop(name: string): Promise<void> {
    await this.#machine(name).process?.stop();
  }

  /** As `rm -rf` of its data directory. */
  loseDisk(name: string): void {
    rmSync(this.#machine(name).dataDir, { recursive: true });
  }

  /** Runs `conclave` to its end. */
  async command(through: string, ...args: readonly string[]): Promise<Ended> {
    const [file = '', ...before] = asBuilt;
    const env = { ...process.env, CONCLAVE_ENDPOINTS: this.clientUrl(through) };
    const child = spawn(file, [...before, ...args], { env });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const [code]: (number | null)[] = await once(child, 'close');
    return { code: code ?? null, stdout, stderr };
  }

  log(name: string): string {
    return readFileSync(this.#logPath(name), 'utf8');
  }

  async serves(name: string): Promise<void> {
    const isHealthy = async () => {
      try {
        return (await fetch(`${this.clientUrl(name)}/health`)).status === 200;
      } catch {
        return false;
      }
    };
    await until(isHealthy, `${name} serves`, 60_000);
  }

  /** Its process has ended by itself. */
  async ended(name: string): Promise<void> {
    const isOver = () => this.#machine(name).process?.status().state === 'dead';
    await until(isOver, `${name} ends`, 60_000);
  }

  async members(through: string): Promise<readonly MemberSummary[]> {
    return await this.client([through]).members();
  }

  /** All of these are members, and vote. */
  async areVoters(through: string, ...names: readonly string[]): Promise<void> {
    const wanted = names.toSorted().join();
    const areThere = async () => {
      const voters = (await this.members(through)).filter(({ learner }) => !learner);
      return (
        voters
          .map(({ name }) => name)
          .toSorted()
          .join() === wanted
      );
    };
    await until(areThere, `the voters are ${wanted}`, 60_000);
  }

  async leader(through: string): Promise<string> {
    let found = '';
    const leads = async () => {
      found = (await this.members(through)).find(({ role }) => role === 'leader')?.name ?? '';
      return found !== '';
    };
    await until(leads, 'a member leads', 60_000);
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = [...this.#machines.values()].filter(
      (machine) => machine.process !== undefined && machine.process.status().state !== 'dead',
    );
    await Promise.all(running.map((machine) => machine.process?.kill()));
    this.#watchdog.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #watch(): void {
    const machines = [...this.#machines.values()];
    this.#watchdog.guard(machines.flatMap((machine) => machine.process?.pid ?? []));
  }

  #logPath(name: string): string {
    return join(this.#folder, `${name}.log`);
  }

  #machine(name: string): Machine {
    const machine = this.#machines.get(name);
    if (machine === undefined) throw new Error(`no machine ${name}`);
    return machine;
  }
}
