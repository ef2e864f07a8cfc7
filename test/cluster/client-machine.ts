import { spawnSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Place } from './lock-process.js';
import type { RealCluster } from './real-cluster.js';
import { SeparateHost } from './separate-host.js';

/**
 * Sets $0 as library. Processes that are killed leave shared memory of faketime behind: with a
 * mount of their own it ends with them. `ip netns exec` has made them a namespace for mounts.
 */
const withLibrary = 'mount -t tmpfs none /dev/shm && exec env LD_PRELOAD="$0" "$@"';

/** A machine of clients: its network can be cut, and its wall clock set while they run. */
export class ClientMachine implements AsyncDisposable {
  readonly #host: SeparateHost;
  readonly #library: string;
  readonly #scratch = mkdtempSync(join(tmpdir(), 'conclave-clock-'));

  /** Or why this machine does not let us have one. */
  static async start(): Promise<ClientMachine | string> {
    // It says where it has its library.
    const { error, stdout } = spawnSync('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], {
      encoding: 'utf8',
    });
    if (error !== undefined) return `faketime: ${error.message}`;
    const host = await SeparateHost.start();
    return typeof host === 'string' ? host : new ClientMachine(host, stdout.trim());
  }

  private constructor(host: SeparateHost, library: string) {
    this.#host = host;
    this.#library = library;
    this.setClock(0);
  }

  /** The address of this machine by which it reaches the members. */
  get gateway(): string {
    return this.#host.gateway;
  }

  /** To start a process there, which speaks with the members of that cluster. */
  place(real: RealCluster): Place {
    return {
      prefix: [...this.#host.prefix, 'sh', '-c', withLibrary, this.#library],
      env: {
        CONCLAVE_ENDPOINTS: real.endpoints(this.gateway),
        FAKETIME_TIMESTAMP_FILE: this.#clockFile,
        FAKETIME_NO_CACHE: '1',
        // No setting of the clock moves the monotonic one.
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        // To fake the times of files it takes a semaphore that all processes of a group share. One
        // that is killed meanwhile stops the others for ever.
        NO_FAKE_STAT: '1',
      },
    };
  }

  /** By how much its wall clock is ahead of ours, from now on. */
  setClock(aheadSeconds: number): void {
    const next = `${this.#clockFile}.next`;
    writeFileSync(next, `${aheadSeconds < 0 ? '' : '+'}${aheadSeconds}\n`);
    renameSync(next, this.#clockFile);
  }

  get #clockFile(): string {
    return join(this.#scratch, 'clock');
  }

  cut(): void {
    this.#host.cut();
  }

  heal(): void {
    this.#host.heal();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}
