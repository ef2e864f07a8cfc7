import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../cluster/free-ports.mjs';
import { LocalCluster } from '../cluster/local-cluster.mjs';
import { RemoteCluster } from '../cluster/remote-cluster.mjs';
import { Watchdog } from '../cluster/watchdog.mjs';
import { root } from '../packages.mjs';
import { EtcdCluster } from './etcd-cluster.mjs';
import { clientPortOf, leaderPort } from './leader.mjs';

/**
 * @typedef {object} Places
 * @property {string} dataDir holds the directories and the logs of the members
 * @property {readonly number[]} clientPorts one for each member
 * @property {readonly number[]} peerPorts
 * @property {number} [snapshotCount] entries between two snapshots
 * @property {readonly string[]} [nodeFlags] for the Node of each member of Conclave
 */

/**
 * One of the clusters that are compared. Its members are named by their positions.
 * @typedef {object} Cluster
 * @property {() => unknown} start
 * @property {() => Promise<unknown>} stop idempotent
 * @property {() => Promise<readonly (number | undefined)[]>} pids those of the members that run
 * @property {(position: number) => Promise<void>} restart
 */

/** @typedef {Places & Cluster & {name: string}} System */

/** What a person starts by `npm start`: a process that runs the members, and all their links. */
class NpmStart {
  #places;
  #remote;
  #watchdog = new Watchdog();
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;

  /** @param {Places} places */
  constructor(places) {
    this.#places = places;
    this.#remote = new RemoteCluster(join(places.dataDir, 'control.sock'));
  }

  start() {
    const { dataDir, clientPorts, peerPorts, snapshotCount } = this.#places;
    const args = [
      ...['--data-dir', dataDir, '--client-ports', clientPorts.join(',')],
      ...['--peer-ports', peerPorts.join(',')],
    ];
    const log = openSync(join(dataDir, 'start.log'), 'w');
    const count =
      snapshotCount === undefined ? {} : { CONCLAVE_SNAPSHOT_COUNT: `${snapshotCount}` };
    this.#child = spawn(process.execPath, [join(root, 'scripts', 'start.mjs'), ...args], {
      stdio: ['ignore', log, log],
      // A process group of its own: Ctrl-C reaches the bench alone, which stops everything once.
      detached: true,
      env: { ...process.env, ...count },
    });
    closeSync(log);
    this.#watchdog.start();
    this.#watchdog.guard(this.#child.pid === undefined ? [] : [this.#child.pid]);
    this.#child.once('exit', () => this.#watchdog.stop());
  }

  async stop() {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }

  async pids() {
    const { nodes } = await this.#remote.status();
    return nodes.map(({ pid }) => pid);
  }

  /** @param {number} position */
  async restart(position) {
    await this.#remote.restart(`node${position + 1}`);
  }
}

/** Members of Conclave that reach each other directly. */
class DirectMembers {
  #cluster;

  /** @param {Places} places */
  constructor({ dataDir, clientPorts, peerPorts, snapshotCount, nodeFlags = [] }) {
    const flags = snapshotCount === undefined ? [] : ['--snapshot-count', `${snapshotCount}`];
    this.#cluster = new LocalCluster({
      ...{ dataDir, clientPorts, peerPorts, flags, linkProxies: false },
      command: [process.execPath, ...nodeFlags, join(root, 'dist', 'main.js')],
      log: () => undefined,
    });
  }

  start() {
    return this.#cluster.start();
  }

  stop() {
    return this.#cluster.stop();
  }

  async pids() {
    return this.#cluster.status().nodes.map(({ pid }) => pid);
  }

  /** @param {number} position */
  restart(position) {
    return this.#cluster.restart(`node${position + 1}`);
  }
}

/** @type {Readonly<Record<string, new (places: Places) => Cluster>>} */
const kinds = { 'npm start': NpmStart, 'no proxies': DirectMembers, etcd: EtcdCluster };

/** The systems that run, which end together. */
export class Systems {
  #scratch;
  /** @type {System[]} */
  #running = [];
  #count = 0;
  #closed = false;

  /** @param {string} scratch a directory */
  constructor(scratch) {
    this.#scratch = scratch;
  }

  /**
   * Resolves when the cluster has a leader, and all members serve.
   * @param {string} name
   * @param {{members?: number, snapshotCount?: number, nodeFlags?: readonly string[]}} [how]
   * @returns {Promise<System>}
   */
  async start(name, { members = 3, ...settings } = {}) {
    const kind = kinds[name];
    if (kind === undefined) throw new Error(`there is no system "${name}"`);
    this.#count += 1;
    const dataDir = join(this.#scratch, `${this.#count}`);
    mkdirSync(dataDir);
    const ports = await freePorts(2 * members);
    const clientPorts = ports.slice(0, members);
    const places = { ...settings, dataDir, clientPorts, peerPorts: ports.slice(members) };
    const cluster = new kind(places);
    const system = {
      ...{ ...places, name },
      start: () => cluster.start(),
      stop: () => cluster.stop(),
      pids: () => cluster.pids(),
      /** @param {number} position */
      restart: (position) => cluster.restart(position),
    };
    if (this.#closed) throw new Error('the measurement was interrupted');
    this.#running.push(system);
    await system.start();
    await allServe(system);
    return system;
  }

  /** @param {System} system */
  async stop(system) {
    this.#running = this.#running.filter((other) => other !== system);
    await system.stop();
  }

  async close() {
    this.#closed = true;
    await Promise.all(this.#running.map((system) => system.stop()));
  }
}

/**
 * Resolves when every member leads or follows.
 * @param {System} system
 */
export async function allServe(system) {
  await leaderPort(system);
  for (const port of system.clientPorts) {
    await clientPortOf({ ...system, clientPorts: [port] }, ['StateLeader', 'StateFollower']);
  }
}

/**
 * The process ids of the members, all of which must run.
 * @param {System} system
 */
export async function runningPids(system) {
  const pids = (await system.pids()).flatMap((pid) => pid ?? []);
  if (pids.length === system.clientPorts.length) return pids;
  throw new Error(`only ${pids.length} members of ${system.name} run: see ${system.dataDir}`);
}
