import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Places
 * @property {string} dataDir
 * @property {readonly number[]} clientPorts one for each member
 * @property {readonly number[]} peerPorts
 */

/** Three members of etcd on this machine, with the v2 API. */
export class EtcdCluster {
  #options;
  /** @type {import('node:child_process').ChildProcess[]} */
  #children = [];

  /** @param {Places} options */
  constructor(options) {
    this.#options = options;
  }

  start() {
    const { dataDir, clientPorts, peerPorts } = this.#options;
    const peerUrls = peerPorts.map((port) => `http://127.0.0.1:${port}`);
    const cluster = peerUrls.map((url, index) => `etcd${index + 1}=${url}`).join(',');
    for (const [index, peerUrl] of peerUrls.entries()) {
      const name = `etcd${index + 1}`;
      const clientUrl = `http://127.0.0.1:${clientPorts[index]}`;
      const log = openSync(join(dataDir, `${name}.log`), 'w');
      const child = spawn(
        'etcd',
        [
          ...['--name', name, '--data-dir', join(dataDir, name), '--enable-v2'],
          ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
          ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
          ...['--initial-cluster', cluster, '--initial-cluster-state', 'new'],
        ],
        { stdio: ['ignore', log, log] },
      );
      this.#children.push(child);
    }
  }

  async stop() {
    const running = this.#children.filter(({ exitCode, signalCode }) => !(exitCode ?? signalCode));
    await Promise.all(
      running.map((child) => {
        child.kill('SIGKILL');
        return once(child, 'exit');
      }),
    );
  }
}
