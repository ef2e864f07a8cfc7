import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { messageOf } from '../error-message.mjs';

/** @typedef {import('./local-cluster.mjs').LocalCluster} LocalCluster */

/**
 * A request: an action with its node or its two groups of nodes.
 * @typedef {{action: string, node: string, groups?: readonly (readonly string[])[]}} Request
 */

/**
 * The actions that a request may ask for.
 * @type {Readonly<Record<string, (cluster: LocalCluster, request: Request) => unknown>>}
 */
const actions = {
  status: (cluster) => cluster.status(),
  kill: (cluster, { node }) => cluster.kill(node),
  pause: (cluster, { node }) => cluster.pause(node),
  resume: (cluster, { node }) => cluster.resume(node),
  restart: (cluster, { node }) => cluster.restart(node),
  partition: (cluster, { groups: [group = [], others = []] = [] }) =>
    cluster.partition(group, others),
  heal: (cluster) => cluster.heal(),
};

/**
 * Lets another process act on a local cluster: one JSON object per line in, such as
 * {"action":"kill","node":"node1"} or
 * {"action":"partition","groups":[["node1"],["node2","node3"]]}, and one per line out,
 * {"ok":true,...} or {"ok":false,"error":"..."}. The socket file is in the data directory, and only
 * its owner may open it.
 */
export class ControlServer {
  #path;
  #cluster;
  #sockets = new Set();
  #server = createServer((socket) => this.#serve(socket));

  /**
   * @param {string} path
   * @param {LocalCluster} cluster
   */
  constructor(path, cluster) {
    this.#path = path;
    this.#cluster = cluster;
  }

  /**
   * A socket file that is left from an earlier run is replaced: the ports tell whether that still
   * runs.
   */
  async open() {
    rmSync(this.#path, { force: true });
    await new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ path: this.#path }, () => {
        this.#server.off('error', reject);
        chmodSync(this.#path, 0o600);
        resolve(undefined);
      });
    });
  }

  /** @returns {Promise<void>} */
  async close() {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(() => resolve(undefined)));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** @param {import('node:net').Socket} socket */
  #serve(socket) {
    // A client may disconnect before its answer; nothing here depends on it.
    socket.on('error', () => {});
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    createInterface({ input: socket }).on('line', async (line) => {
      const answer = await this.#answer(line);
      socket.end(`${JSON.stringify(answer)}\n`);
    });
  }

  /** @param {string} line */
  async #answer(line) {
    try {
      /** @type {Request} */
      const request = JSON.parse(line);
      const action = Object.hasOwn(actions, request.action) ? actions[request.action] : undefined;
      if (action === undefined) {
        const known = Object.keys(actions).join(', ');
        throw new Error(`there is no action "${request.action}"; there are ${known}`);
      }
      const told = await action(this.#cluster, request);
      return { ok: true, ...Object(told) };
    } catch (error) {
      return { ok: false, error: messageOf(error) };
    }
  }
}
