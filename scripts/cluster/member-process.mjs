import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

const stopLimitMs = 10_000;

// The C library then returns the memory of each large value when it is freed. By itself it learns
// from the first ones to keep them in its heap, which nothing shrinks (mallopt(3)).
const allocation = { MALLOC_MMAP_THRESHOLD_: '131072' };

/**
 * @typedef {object} MemberProcessOptions
 * @property {string} name
 * @property {number} clientPort
 * @property {number} peerPort
 * @property {readonly string[]} command with all its arguments
 * @property {string} logPath what the process prints is added there
 * @property {(line: string) => void} log
 * @property {() => void} onChange after each start and each end
 */

/** One member of a local cluster, through all the processes that it is in turn. */
export class MemberProcess {
  #options;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  #paused = false;
  /** Its end is our doing, and needs no report. */
  #expected = false;

  /** @param {MemberProcessOptions} options */
  constructor(options) {
    this.#options = options;
  }

  get pid() {
    return this.#child?.pid;
  }

  /** @returns {import('./local-cluster.mjs').NodeStatus} */
  status() {
    const { name, clientPort, peerPort } = this.#options;
    const alive = this.#paused ? 'paused' : 'running';
    const state = this.#child === undefined ? 'dead' : alive;
    return { name, state, pid: this.pid, clientPort, peerPort };
  }

  start() {
    const [executable = '', ...args] = this.#options.command;
    const log = openSync(this.#options.logPath, 'a');
    // A process group of its own: Ctrl-C in a terminal would reach it beside our own signal, and
    // the second signal ends a member without a farewell.
    const env = { ...allocation, ...process.env };
    const child = spawn(executable, args, { stdio: ['ignore', log, log], detached: true, env });
    closeSync(log);
    this.#child = child;
    this.#paused = false;
    this.#expected = false;
    child.on('error', (error) => this.#onEnd(child, error.message));
    child.on('exit', (code, signal) => this.#onEnd(child, signal ?? `exit code ${code}`));
    this.#options.onChange();
  }

  /** SIGKILL: nothing is handed over, nothing is closed. */
  async kill() {
    await this.#end(this.#running(), 'SIGKILL');
  }

  /** SIGTERM, and SIGKILL when that takes too long. Nothing to do for a dead one. */
  async stop() {
    const child = this.#child;
    if (child === undefined) return;
    child.kill('SIGCONT');
    const limit = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
    await this.#end(child, 'SIGTERM');
    clearTimeout(limit);
  }

  pause() {
    this.#running().kill('SIGSTOP');
    this.#paused = true;
  }

  resume() {
    this.#running().kill('SIGCONT');
    this.#paused = false;
  }

  #running() {
    const { name } = this.#options;
    if (this.#child === undefined) throw new Error(`${name} is dead; it can be restarted`);
    return this.#child;
  }

  /**
   * @param {import('node:child_process').ChildProcess} child
   * @param {NodeJS.Signals} signal
   */
  async #end(child, signal) {
    this.#expected = true;
    // A process that could not be started has no exit, only an error.
    const ended = once(child, 'exit').catch(() => {});
    child.kill(signal);
    await ended;
  }

  /**
   * @param {import('node:child_process').ChildProcess} child
   * @param {string} how
   */
  #onEnd(child, how) {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#paused = false;
    const { name, logPath, log } = this.#options;
    if (!this.#expected) log(`${name} has ended by itself (${how}): see ${logPath}`);
    this.#options.onChange();
  }
}
