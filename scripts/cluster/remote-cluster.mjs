import { once } from 'node:events';
import { connect } from 'node:net';

/** A local cluster of another process, through its control socket. */
export class RemoteCluster {
  #path;

  /** @param {string} path */
  constructor(path) {
    this.#path = path;
  }

  async isThere() {
    const socket = connect(this.#path);
    try {
      await once(socket, 'connect');
      return true;
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  }

  /** @returns {Promise<import('./chaos-actions.mjs').Status>} */
  async status() {
    /** @type {ReturnType<import('./local-cluster.mjs').LocalCluster['status']>} */
    const { nodes, cuts } = await this.#order({ action: 'status' });
    const known = nodes.map((node) => ({
      ...node,
      clientUrl: `http://127.0.0.1:${node.clientPort}`,
    }));
    return { nodes: known, cuts };
  }

  /** @param {string} node */
  async kill(node) {
    await this.#order({ action: 'kill', node });
  }

  /** @param {string} node */
  async pause(node) {
    await this.#order({ action: 'pause', node });
  }

  /** @param {string} node */
  async resume(node) {
    await this.#order({ action: 'resume', node });
  }

  /** @param {string} node */
  async restart(node) {
    await this.#order({ action: 'restart', node });
  }

  /**
   * @param {readonly string[]} group
   * @param {readonly string[]} others
   */
  async partition(group, others) {
    await this.#order({ action: 'partition', groups: [group, others] });
  }

  async heal() {
    await this.#order({ action: 'heal' });
  }

  /** @param {object} request */
  async #order(request) {
    const socket = connect(this.#path);
    socket.setEncoding('utf8');
    socket.write(`${JSON.stringify(request)}\n`);
    let text = '';
    for await (const chunk of socket) text += chunk;
    if (text === '') throw new Error('The cluster has ended before it answered');
    const answer = JSON.parse(text);
    if (answer.ok !== true) throw new Error(answer.error);
    return answer;
  }
}
