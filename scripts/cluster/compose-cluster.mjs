import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { codeOf } from '../error-message.mjs';

/**
 * @typedef {object} Container
 * @property {string} id
 * @property {string} name of its service
 * @property {string} project
 * @property {string} folder of its docker-compose.yml
 * @property {'running' | 'paused' | 'dead'} state
 * @property {number | undefined} pid
 * @property {string | undefined} clientUrl
 * @property {readonly string[]} networks
 */

const labels = 'com.docker.compose';

/**
 * The cluster of docker-compose.yml, by the means of docker itself. Its containers are known by
 * their labels, so it makes no difference whether "docker compose" or "docker-compose" has started
 * them. Each two members share a network of their own, named after both, and on it each is
 * NAME-peer; taking one of them off it cuts the two apart in silence.
 */
export class ComposeCluster {
  #folder;
  #docker;

  /** @param {{folder: string, docker?: (args: readonly string[]) => Promise<string>}} options */
  constructor({ folder, docker = runDocker }) {
    this.#folder = realpathSync(folder);
    this.#docker = docker;
  }

  /** Fails, with the reason, when Docker can't be asked. */
  async isThere() {
    return (await this.#containers()).length > 0;
  }

  /** @returns {Promise<import('./chaos-actions.mjs').Status>} */
  async status() {
    const containers = await this.#containers();
    const cuts = pairsOf(containers)
      .filter((pair) => !isWhole(pair))
      .map(([one, other]) => /** @type {const} */ ([one.name, other.name]));
    const nodes = containers.map(({ name, state, pid, clientUrl }) => ({
      ...{ name, state, pid, clientUrl },
    }));
    return { nodes, cuts };
  }

  /** @param {string} node */
  async kill(node) {
    await this.#docker(['kill', (await this.#running(node)).id]);
  }

  /** @param {string} node */
  async pause(node) {
    await this.#docker(['pause', (await this.#running(node)).id]);
  }

  /** @param {string} node */
  async resume(node) {
    const { id, state } = await this.#running(node);
    if (state === 'paused') await this.#docker(['unpause', id]);
  }

  /** @param {string} node */
  async restart(node) {
    const { id, state } = find(await this.#containers(), node);
    if (state === 'paused') await this.#docker(['unpause', id]);
    await this.#docker(['restart', id]);
  }

  /**
   * @param {readonly string[]} group
   * @param {readonly string[]} others
   */
  async partition(group, others) {
    const containers = await this.#containers();
    const near = group.map((name) => find(containers, name));
    const far = others.map((name) => find(containers, name));
    const both = group.filter((name) => others.includes(name));
    if (both.length > 0) throw new Error(`${both.join(', ')} can't be on both sides`);
    for (const pair of pairsOf(containers)) {
      const apart = pair.some((one) => near.includes(one)) && pair.some((one) => far.includes(one));
      if (apart && isWhole(pair)) {
        await this.#docker(['network', 'disconnect', '--force', networkOf(pair), pair[0].id]);
      }
    }
  }

  async heal() {
    for (const pair of pairsOf(await this.#containers())) {
      const network = networkOf(pair);
      for (const { id, name, networks } of pair) {
        if (networks.includes(network)) continue;
        await this.#docker(['network', 'connect', '--alias', `${name}-peer`, network, id]);
      }
    }
  }

  /** @param {string} node */
  async #running(node) {
    const container = find(await this.#containers(), node);
    if (container.state === 'dead') throw new Error(`${node} is dead; it can be restarted`);
    return container;
  }

  /** @returns {Promise<Container[]>} */
  async #containers() {
    const filter = `label=${labels}.project.working_dir`;
    const ids = (await this.#docker(['ps', '--all', '--quiet', '--filter', filter])).split('\n');
    const known = ids.map((id) => id.trim()).filter((id) => id !== '');
    if (known.length === 0) return [];
    /** @type {readonly Inspected[]} */
    const inspected = JSON.parse(await this.#docker(['inspect', ...known]));
    const containers = inspected
      .map(readContainer)
      .filter(({ folder }) => realPathOf(folder) === this.#folder)
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    const projects = [...new Set(containers.map(({ project }) => project))];
    if (projects.length < 2) return containers;
    throw new Error(`this folder has the projects ${projects.join(', ')}: only one is allowed`);
  }
}

/**
 * Fails with what docker itself says.
 * @param {readonly string[]} args
 * @returns {Promise<string>}
 */
function runDocker(args) {
  return new Promise((resolve, reject) => {
    execFile('docker', [...args], (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = stderr.trim().split('\n').at(-1);
      const reason = error.code === 'ENOENT' ? 'the command "docker" is not installed' : said;
      reject(new Error(reason || error.message, { cause: error }));
    });
  });
}

/**
 * Undefined where there is no such folder: a container outlives the folder that it came from.
 * @param {string} folder
 */
function realPathOf(folder) {
  try {
    return realpathSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The part of the output of `docker inspect` that is used here.
 * @typedef {object} Inspected
 * @property {string} Id
 * @property {{Labels: Readonly<Record<string, string>>}} Config
 * @property {{Status: string, Running: boolean, Pid: number}} State
 * @property {{
 *   Ports?: Readonly<Record<string, readonly {HostPort: string}[]>>,
 *   Networks: Readonly<Record<string, unknown>>,
 * }} NetworkSettings
 */

/**
 * @param {Inspected} inspected
 * @returns {Container}
 */
function readContainer({ Id, Config, State, NetworkSettings }) {
  const [published] = NetworkSettings.Ports?.['4001/tcp'] ?? [];
  const alive = State.Status === 'paused' ? 'paused' : 'running';
  return {
    id: Id,
    name: Config.Labels[`${labels}.service`] ?? '',
    project: Config.Labels[`${labels}.project`] ?? '',
    folder: Config.Labels[`${labels}.project.working_dir`] ?? '',
    state: State.Running ? alive : 'dead',
    pid: State.Pid === 0 ? undefined : State.Pid,
    clientUrl: published && `http://127.0.0.1:${published.HostPort}`,
    networks: Object.keys(NetworkSettings.Networks),
  };
}

/** @param {readonly Container[]} containers
 * @returns {[Container, Container][]} */
function pairsOf(containers) {
  return containers.flatMap((one, position) =>
    containers.slice(position + 1).map((other) => [one, other]),
  );
}

/** @param {readonly [Container, Container]} pair */
function networkOf([one, other]) {
  return `${one.project}_${one.name}-${other.name}`;
}

/** @param {[Container, Container]} pair */
function isWhole(pair) {
  return pair.every(({ networks }) => networks.includes(networkOf(pair)));
}

/**
 * @param {readonly Container[]} containers
 * @param {string} name
 */
function find(containers, name) {
  const container = containers.find((one) => one.name === name);
  if (container !== undefined) return container;
  const names = containers.map((one) => one.name).join(', ');
  throw new Error(`there is no node "${name}"; there are ${names}`);
}
