import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../error-message.mjs';
import { ControlServer } from './control-server.mjs';
import { LinkProxy } from './link-proxy.mjs';
import { MemberProcess } from './member-process.mjs';
import { Watchdog } from './watchdog.mjs';

/**
 * @typedef {object} LocalClusterOptions
 * @property {readonly number[]} clientPorts one for each member
 * @property {readonly number[]} peerPorts
 * @property {string} dataDir holds each member's directory and log, and the control socket
 * @property {readonly string[]} command the executable, with leading arguments, that knows `server`
 * @property {readonly string[]} [flags] further flags of every member
 * @property {(name: string) => readonly string[]} [flagsOf] further flags of one member
 * @property {boolean} [secure] clients and peers speak TLS; the flags name the certificates
 * @property {boolean} [linkProxies] false: the members reach each other directly, and no link can
 *   be cut
 * @property {(line: string) => void} log tells a person what happens by itself
 */

/**
 * @typedef {object} NodeStatus
 * @property {string} name
 * @property {'running' | 'paused' | 'dead'} state
 * @property {number | undefined} pid
 * @property {number} clientPort
 * @property {number} peerPort
 */

const host = '127.0.0.1';

/**
 * Members of one cluster as processes of this machine, with a proxy for each directed link between
 * them.
 */
export class LocalCluster {
  #options;
  /** @type {Map<string, MemberProcess>} */
  #nodes = new Map();
  /** @type {Map<string, LinkProxy>} by "from>to" */
  #links = new Map();
  #watchdog = new Watchdog();
  #control;
  /** @type {Promise<void> | undefined} */
  #stopped;

  /** @param {LocalClusterOptions} options */
  constructor(options) {
    this.#options = options;
    this.#control = new ControlServer(join(options.dataDir, 'control.sock'), this);
  }

  /** @returns {readonly string[]} */
  get names() {
    return this.#options.clientPorts.map((_, position) => `node${position + 1}`);
  }

  /** Starts every process; it does not wait until they serve. */
  async start() {
    mkdirSync(this.#options.dataDir, { recursive: true });
    await this.#openLinks();
    await this.#openControl();
    if (this.#stopped !== undefined) return;
    this.#watchdog.start();
    for (const [position, name] of this.names.entries()) {
      const node = new MemberProcess({
        name,
        clientPort: this.#options.clientPorts[position] ?? 0,
        peerPort: this.#options.peerPorts[position] ?? 0,
        command: [...this.#options.command, 'server', ...this.#flags(name, position)],
        logPath: join(this.#options.dataDir, `${name}.log`),
        log: this.#options.log,
        onChange: () => this.#watch(),
      });
      this.#nodes.set(name, node);
      node.start();
    }
  }

  /** Idempotent. Lets the members hand over, and kills whoever does not end in time. */
  stop() {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** @param {string} name */
  async kill(name) {
    await this.#node(name).kill();
  }

  /** @param {string} name */
  pause(name) {
    this.#node(name).pause();
  }

  /** @param {string} name */
  resume(name) {
    this.#node(name).resume();
  }

  /** Stops it, if it runs, and starts it.
   * @param {string} name */
  async restart(name) {
    const node = this.#node(name);
    await node.stop();
    if (this.#stopped === undefined) node.start();
  }

  /**
   * Cuts every link between the two groups, both ways. Other cuts stay.
   * @param {readonly string[]} group
   * @param {readonly string[]} others
   */
  partition(group, others) {
    for (const name of [...group, ...others]) this.#node(name);
    const both = group.filter((name) => others.includes(name));
    if (both.length > 0) throw new Error(`${both.join(', ')} can't be on both sides`);
    if (group.length === 0 || others.length === 0) throw new Error('a side of it is empty');
    for (const from of group) {
      for (const to of others) {
        this.#link(from, to).cut();
        this.#link(to, from).cut();
      }
    }
  }

  heal() {
    for (const link of this.#links.values()) link.heal();
  }

  /**
   * Gives each link to and from the member a limit of its own.
   * @param {string} name
   * @param {number} bytesPerSecond infinite: no limit
   */
  slowDown(name, bytesPerSecond) {
    for (const other of this.names) {
      if (other === name) continue;
      this.#link(name, other).limit(bytesPerSecond);
      this.#link(other, name).limit(bytesPerSecond);
    }
  }

  /**
   * @returns {{nodes: NodeStatus[], cuts: (readonly [string, string])[]}} `cuts` names each pair
   *   once
   */
  status() {
    const pairs = this.names.flatMap((one, position) =>
      this.names.slice(position + 1).map((other) => /** @type {const} */ ([one, other])),
    );
    return {
      nodes: [...this.#nodes.values()].map((node) => node.status()),
      cuts: pairs.filter(([one, other]) => this.#links.get(`${one}>${other}`)?.isCut === true),
    };
  }

  /**
   * What the link from the one member to the other carries: see LinkProxy.
   * @param {string} from
   * @param {string} to
   */
  traffic(from, to) {
    return this.#link(from, to).traffic();
  }

  /**
   * A cluster without it is a cluster all the same, in a directory too deep for a socket's name.
   */
  async #openControl() {
    try {
      await this.#control.open();
    } catch (error) {
      this.#options.log(`scripts/chaos can't act on this cluster: ${messageOf(error)}`);
    }
  }

  async #stop() {
    await this.#control.close();
    await Promise.all([...this.#nodes.values()].map((node) => node.stop()));
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    this.#watchdog.stop();
  }

  async #openLinks() {
    if (this.#options.linkProxies === false) return;
    for (const from of this.names) {
      for (const [position, to] of this.names.entries()) {
        const port = this.#options.peerPorts[position];
        if (from === to || port === undefined) continue;
        const link = new LinkProxy({ host, port });
        await link.open();
        this.#links.set(`${from}>${to}`, link);
      }
    }
  }

  /**
   * @param {string} name
   * @param {number} position
   */
  #flags(name, position) {
    const clientUrl = `${this.#scheme}://${host}:${this.#options.clientPorts[position]}`;
    const peerUrl = `${this.#scheme}://${host}:${this.#options.peerPorts[position]}`;
    return [
      ...['--name', name, '--data-dir', join(this.#options.dataDir, name)],
      ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
      ...['--initial-cluster', this.#initialCluster],
      ...this.#forwards(name),
      ...(this.#options.flags ?? []),
      ...(this.#options.flagsOf?.(name) ?? []),
    ];
  }

  get #scheme() {
    return this.#options.secure === true ? 'https' : 'http';
  }

  get #initialCluster() {
    return this.names
      .map((name, at) => `${name}=${this.#scheme}://${host}:${this.#options.peerPorts[at]}`)
      .join(',');
  }

  /** Each member reaches the others by its links to them.
   * @param {string} name */
  #forwards(name) {
    const forwards = this.names.flatMap((peer) => {
      const link = this.#links.get(`${name}>${peer}`);
      return link === undefined ? [] : [`${peer}=${this.#scheme}://${host}:${link.port}`];
    });
    return forwards.length === 0 ? [] : ['--peer-forwards', forwards.join(',')];
  }

  #watch() {
    this.#watchdog.guard([...this.#nodes.values()].flatMap((node) => node.pid ?? []));
  }

  /** @param {string} name */
  #node(name) {
    const node = this.#nodes.get(name);
    if (node === undefined) {
      throw new Error(`there is no node "${name}"; there are ${this.names.join(', ')}`);
    }
    return node;
  }

  /**
   * @param {string} from
   * @param {string} to
   */
  #link(from, to) {
    const link = this.#links.get(`${from}>${to}`);
    if (link === undefined) throw new Error('this cluster runs without link proxies');
    return link;
  }
}
