import { cpuMs, sum } from '../scale/process-usage.mjs';
import { failOver } from './fail-over.mjs';
import { followerPort, leaderPort } from './leader.mjs';
import { manyKeys } from './many-keys.mjs';
import { steady, writesAtRate } from './steady.mjs';
import { runningPids } from './system.mjs';
import { watchFanOut } from './watch-fan-out.mjs';
import { measure } from './wrk.mjs';

/** @typedef {import('./system.mjs').System} System */
/** What one run of a line found, by the names in figures.mjs.
 * @typedef {Readonly<Record<string, number>>} Figures */

/**
 * How much is measured.
 * @typedef {object} Plan
 * @property {number} rounds of each line, in which the systems take turns
 * @property {number} seconds of each run
 * @property {number} steadySeconds
 * @property {number} perSecond the rate of open loops
 * @property {number} watchers
 * @property {number} keys
 */

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {string} main the figure that is compared
 * @property {(system: System, plan: Plan, key: string) => Promise<Figures>} run the key is new in
 *   each run
 * @property {boolean} [comparesProxies] members without proxies are measured too, and must do about
 *   as much
 * @property {boolean} [once] it takes so long that there is one round
 * @property {boolean} [alone] it changes the cluster: nothing can run beside it
 * @property {(plan: Plan) => {snapshotCount?: number}} [ownCluster] each run has a new cluster,
 *   with these settings
 */

/** @typedef {(system: System) => Promise<readonly number[]>} PortsOf */

/** @type {PortsOf} */
const leader = async (system) => [await leaderPort(system)];
/** @type {PortsOf} */
const follower = async (system) => [await followerPort(system)];
/** @type {PortsOf} */
const spread = async ({ clientPorts }) => clientPorts;

/**
 * @typedef {object} Closed connections that each ask as soon as they are answered
 * @property {string} script
 * @property {number} connections
 * @property {PortsOf} portsOf
 * @property {string} [etcdScript] when etcd needs another one
 * @property {boolean} [threadEach] the script keeps account of one connection for each thread
 * @property {readonly string[]} [args] after the key
 * @property {number} [requestsEach] of what is counted
 */

/**
 * @param {string} name
 * @param {Closed} load
 * @returns {Line}
 */
function closed(name, load) {
  return {
    name,
    main: 'perSecond',
    run: (system, { seconds }, key) => ask(system, load, seconds, key),
  };
}

/**
 * @param {System} system
 * @param {Closed} load
 * @param {number} seconds
 * @param {string} key
 * @returns {Promise<Figures>}
 */
export async function ask(system, load, seconds, key) {
  const { connections, portsOf, requestsEach = 1, args = [] } = load;
  const script = system.name === 'etcd' ? (load.etcdScript ?? load.script) : load.script;
  const ports = await portsOf(system);
  const pids = await runningPids(system);
  const threads = load.threadEach === true ? connections : ports.length;
  const before = sum(pids.map(cpuMs));
  const { requests, perSecond, ...others } = await measure({
    ...{ script, ports, connections, threads, seconds },
    args: [key, ...args],
  });
  const cpuUs = ((sum(pids.map(cpuMs)) - before) * 1000 * requestsEach) / Math.max(1, requests);
  return { perSecond: perSecond / requestsEach, ...others, cpuUs };
}

/** @param {string} quorum */
function get(quorum) {
  /**
   * @param {string} name
   * @param {PortsOf} portsOf
   * @returns {Line}
   */
  return (name, portsOf) => ({
    name,
    main: 'perSecond',
    run: async (system, { seconds }, key) => {
      await putOne(system, key);
      const load = { script: 'get.lua', connections: 64, portsOf, args: [quorum] };
      return await ask(system, load, seconds, key);
    },
  });
}

/**
 * Resolves when the leader and a follower have it.
 * @param {System} system
 * @param {string} key
 */
async function putOne(system, key) {
  const body = new URLSearchParams({ value: 'v'.repeat(64) });
  const [leads, follows] = [await leaderPort(system), await followerPort(system)];
  await fetch(`http://127.0.0.1:${leads}/v2/keys/${key}`, { method: 'PUT', body });
  await fetch(`http://127.0.0.1:${follows}/v2/keys/${key}?quorum=true`);
}

const putSizes = [1, 16, 64, 256];
/** Each member gets as many. */
const spreadSizes = [3, 15, 63, 255];
const compared = ['put leader 64', 'put follower 64'];
const linearizable = get('true');
const local = get('false');
const lock = { script: 'lock.lua', etcdScript: 'etcd-lock.lua', threadEach: true, requestsEach: 2 };

/** @type {readonly Line[]} */
export const lines = [
  ...putSizes.map((connections) =>
    closed(`put leader ${connections}`, { script: 'put.lua', connections, portsOf: leader }),
  ),
  ...putSizes.map((connections) =>
    closed(`put follower ${connections}`, { script: 'put.lua', connections, portsOf: follower }),
  ),
  ...spreadSizes.map((connections) =>
    closed(`put spread ${connections}`, { script: 'put.lua', connections, portsOf: spread }),
  ),
  linearizable('get linearizable leader 64', leader),
  linearizable('get linearizable follower 64', follower),
  local('get local 64', follower),
  closed('post in order 64', { script: 'post.lua', connections: 64, portsOf: leader }),
  closed('compare and swap 64', {
    ...{ script: 'swap.lua', connections: 64, portsOf: leader, threadEach: true },
  }),
  ...[1, 64].map((connections) =>
    closed(`own locks ${connections}`, { ...lock, connections, portsOf: leader, args: ['own'] }),
  ),
  ...[16, 256].map((connections) =>
    closed(`one lock ${connections}`, { ...lock, connections, portsOf: leader, args: ['one'] }),
  ),
  { name: 'put at a fixed rate', main: 'p99Ms', run: writesAtRate },
  { name: 'watch fan-out', main: 'lastMs', run: watchFanOut },
  .../** @type {const} */ (['SIGKILL', 'SIGTERM']).map((signal) => ({
    ...{ name: `fail-over ${signal}`, main: 'gapMs', alone: true },
    run: failOver(signal),
  })),
  { name: 'many keys', main: 'startMs', ...manyKeys },
  { name: 'steady', main: 'p99Ms', once: true, run: steady },
].map((line) => ({ ...line, comparesProxies: compared.includes(line.name) }));
