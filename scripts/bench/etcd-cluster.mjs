import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** Members of etcd on this machine, with the v2 API. */
export class EtcdCluster {
  #options;
  /** @type {(ChildProcess | undefined)[]} */
  #children = [];

  /** @param {import('./system.mjs').Places} options */
  constructor(options) {
    this.#options = options;
  }

  start() {
    for (const position of this.#options.clientPorts.keys()) this.#start(position);
  }

  async stop() {
    await Promise.all(this.#children.map((child) => end(child, 'SIGKILL')));
  }

  async pids() {
    return this.#children.map((child) => (isRunning(child) ? child?.pid : undefined));
  }

  /** @param {number} position */
  async restart(position) {
    await end(this.#children[position], 'SIGTERM');
    this.#start(position);
  }

  /** @param {number} position */
  #start(position) {
    const { dataDir, clientPorts, peerPorts, snapshotCount = 100_000 } = this.#options;
    const peerUrls = peerPorts.map((port) => `http://127.0.0.1:${port}`);
    const cluster = peerUrls.map((url, index) => `etcd${index + 1}=${url}`).join(',');
    const name = `etcd${position + 1}`;
    const clientUrl = `http://127.0.0.1:${clientPorts[position]}`;
    const peerUrl = peerUrls[position] ?? '';
    const log = openSync(join(dataDir, `${name}.log`), 'a');
    this.#children[position] = spawn(
      'etcd',
      [
        ...['--name', name, '--data-dir', join(dataDir, name), '--enable-v2'],
        ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
        ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
        ...['--initial-cluster', cluster, '--initial-cluster-state', 'new'],
        ...['--snapshot-count', `${snapshotCount}`],
      ],
      { stdio: ['ignore', log, log] },
    );
    closeSync(log);
  }
}

/** @param {ChildProcess | undefined} child */
function isRunning(child) {
  return child !== undefined && child.exitCode === null && child.signalCode === null;
}

/**
 * @param {ChildProcess | undefined} child
 * @param {NodeJS.Signals} signal
 */
async function end(child, signal) {
  if (child === undefined || !isRunning(child)) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
