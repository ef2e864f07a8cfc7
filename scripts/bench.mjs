// Conclave beside etcd, three members each, on this machine: `npm run bench`. They take turns, so
// that whatever else the machine does meets all; medians are compared. Conclave is measured as
// `npm start` runs it, with a proxy in each link between two members, and without these. The
// proxies are there for `scripts/chaos`; they must not make the cluster another one.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from './arguments.mjs';
import { EtcdCluster } from './bench/etcd-cluster.mjs';
import { followerPort, leaderPort } from './bench/leader.mjs';
import { isInstalled, measure } from './bench/wrk.mjs';
import { freePorts } from './cluster/free-ports.mjs';
import { LocalCluster } from './cluster/local-cluster.mjs';
import { messageOf } from './error-message.mjs';
import { root } from './packages.mjs';
import { median as medianOf } from './scale/process-usage.mjs';

/**
 * @typedef {object} System one of the clusters that are compared
 * @property {string} name
 * @property {{start: () => unknown, stop: () => Promise<unknown>}} cluster
 * @property {readonly number[]} clientPorts
 */

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {number} connections
 * @property {number} threads
 * @property {string} script for wrk, in bench/
 * @property {string} [etcdScript] when etcd needs another one
 * @property {readonly string[]} [args] of the script, after the key
 * @property {number} [requestsPerCycle] one unless given
 * @property {(system: System) => Promise<number>} [portOf] the leader's unless given
 */

/** @typedef {import('./bench/wrk.mjs').Measurement} Measurement */

/** @typedef {Measurement & {name: string, runs: readonly number[]}} Summary */

/** @type {readonly Workload[]} */
const workloads = [
  { name: 'put, 1 connection', connections: 1, threads: 1, script: 'put.lua' },
  { name: 'put, 64 connections', connections: 64, threads: 1, script: 'put.lua' },
  { name: 'put, 256 connections', connections: 256, threads: 1, script: 'put.lua' },
  {
    name: 'put at a follower, 1 connection',
    ...{ connections: 1, threads: 1, script: 'put.lua', portOf: followerPort },
  },
  {
    name: 'put at a follower, 64 connections',
    ...{ connections: 64, threads: 1, script: 'put.lua', portOf: followerPort },
  },
  { name: 'get, linearizable, 64 connections', connections: 64, threads: 1, script: 'get.lua' },
  {
    name: 'own lock, acquire + release, 64 clients',
    ...{ connections: 64, threads: 64, script: 'lock.lua', etcdScript: 'etcd-lock.lua' },
    ...{ args: ['own'], requestsPerCycle: 2 },
  },
  {
    name: 'one lock, handed over among 16 clients',
    ...{ connections: 16, threads: 16, script: 'lock.lua', etcdScript: 'etcd-lock.lua' },
    ...{ args: ['one'], requestsPerCycle: 2 },
  },
];

const withProxies = 'npm start';
const withoutProxies = 'no proxies';

/** By how much the proxies in the links may change the throughput. */
const proxyShareMax = 0.15;

const options = readOptions();
const scratch = mkdtempSync(join(tmpdir(), 'conclave-bench-'));
/** @type {System[]} */
const systems = [];
let interrupted = false;
let runCount = 0;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    interrupted = true;
    void cleanUp().then(() => process.exit(130));
  });
}
try {
  await startSystems();
  const rows = [];
  for (const workload of options.workloads) rows.push(await compare(workload));
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(rows, null, 2));
  if (rows.some((row) => row.systems.some(({ failures }) => failures > 0))) process.exitCode = 1;
  for (const row of rows) if (!holdsWithProxies(row)) process.exitCode = 1;
} catch (error) {
  if (!interrupted) console.error(messageOf(error));
  process.exitCode = 1;
} finally {
  if (!interrupted) await cleanUp();
}

function readOptions() {
  const { values } = readArguments({
    options: {
      only: { type: 'string', default: '' },
      runs: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '5' },
      json: { type: 'string' },
    },
  });
  if (!isInstalled('wrk')) {
    console.error('wrk makes the load and is not installed: apt-get install wrk');
    process.exit(1);
  }
  const chosen = workloads.filter(({ name }) => name.includes(values.only));
  if (chosen.length === 0) {
    console.error(`No workload has "${values.only}" in its name:`);
    for (const { name } of workloads) console.error(`  ${name}`);
    process.exit(2);
  }
  return {
    workloads: chosen,
    runs: Math.max(1, Number(values.runs) || 3),
    seconds: Math.max(1, Number(values.seconds) || 5),
    json: values.json,
  };
}

async function startSystems() {
  const command = [process.execPath, join(root, 'dist', 'main.js')];
  for (const linkProxies of [true, false]) {
    await startSystem(linkProxies ? withProxies : withoutProxies, (places) => {
      return new LocalCluster({ ...places, command, linkProxies, log: () => undefined });
    });
  }
  if (isInstalled('etcd')) await startSystem('etcd', (places) => new EtcdCluster(places));
  else console.log('etcd is not installed (apt-get install etcd-server): no comparison.\n');
}

/**
 * @param {string} name
 * @param {(places: import('./bench/etcd-cluster.mjs').Places) => System['cluster']} create
 */
async function startSystem(name, create) {
  const dataDir = join(scratch, name);
  mkdirSync(dataDir);
  const ports = await freePorts(6);
  const clientPorts = ports.slice(0, 3);
  const cluster = create({ dataDir, clientPorts, peerPorts: ports.slice(3) });
  systems.push({ name, cluster, clientPorts });
  await cluster.start();
  await leaderPort({ name, clientPorts });
}

async function cleanUp() {
  await Promise.all(systems.map(({ cluster }) => cluster.stop()));
  rmSync(scratch, { recursive: true, force: true });
}

/** @param {Workload} workload */
async function compare(workload) {
  console.log(workload.name);
  const measured = systems.map((system) => ({
    system,
    runs: /** @type {Measurement[]} */ ([]),
  }));
  for (const { system } of measured) await runOnce(system, workload, Math.min(3, options.seconds));
  for (let run = 0; run < options.runs; run += 1) {
    for (const { system, runs } of measured) {
      runs.push(await runOnce(system, workload, options.seconds));
    }
  }
  const results = measured.map(({ system, runs }) => summary(system.name, runs));
  const etcd = results.find(({ name }) => name === 'etcd');
  for (const result of results) print(result, etcd);
  console.log('');
  return { workload: workload.name, systems: results };
}

/**
 * @param {System} system
 * @param {Workload} workload
 * @param {number} seconds
 */
async function runOnce(system, workload, seconds) {
  const port = await (workload.portOf ?? leaderPort)(system);
  const url = `http://127.0.0.1:${port}`;
  runCount += 1;
  const key = `bench${runCount}`;
  const script =
    system.name === 'etcd' ? (workload.etcdScript ?? workload.script) : workload.script;
  if (script === 'get.lua') {
    const body = new URLSearchParams({ value: 'v'.repeat(64) });
    await fetch(`${url}/v2/keys/${key}`, { method: 'PUT', body });
  }
  const { connections, threads, requestsPerCycle = 1, args = [] } = workload;
  const all = { url, script, connections, threads, seconds, args: [key, ...args] };
  const result = await measure(all);
  return { ...result, perSecond: result.perSecond / requestsPerCycle };
}

/**
 * @param {string} name
 * @param {readonly Measurement[]} runs one at least
 * @returns {Summary}
 */
function summary(name, runs) {
  /** @param {(run: Measurement) => number} pick */
  const median = (pick) => medianOf(runs.map(pick));
  return {
    name,
    perSecond: Math.round(median((run) => run.perSecond)),
    p50Ms: median((run) => run.p50Ms),
    p99Ms: median((run) => run.p99Ms),
    maxMs: Math.max(...runs.map((run) => run.maxMs)),
    failures: runs.reduce((sum, run) => sum + run.failures, 0),
    runs: runs.map((run) => Math.round(run.perSecond)),
  };
}

/**
 * Whether the cluster with proxies in its links does about as much as the one without.
 * @param {{workload: string, systems: readonly Summary[]}} row
 */
function holdsWithProxies({ workload, systems }) {
  /** @param {string} wanted */
  const perSecond = (wanted) => systems.find(({ name }) => name === wanted)?.perSecond ?? 0;
  const share = perSecond(withProxies) / perSecond(withoutProxies) - 1;
  if (Math.abs(share) <= proxyShareMax) return true;
  const percent = (share * 100).toFixed(0);
  console.error(`${workload}: the proxies in the links change the throughput by ${percent} %`);
  return false;
}

/**
 * @param {Summary} result
 * @param {Summary | undefined} other compared with it
 */
function print(result, other) {
  const ratio =
    other === undefined || other === result
      ? ''
      : `  ${(result.perSecond / other.perSecond).toFixed(2)}x`;
  const failures = result.failures > 0 ? `  ${result.failures} FAILED` : '';
  console.log(
    `  ${result.name.padEnd(11)}${String(result.perSecond).padStart(7)} per s` +
      `   p50 ${result.p50Ms.toFixed(2).padStart(6)} ms   p99 ${result.p99Ms.toFixed(2).padStart(7)} ms` +
      `   (${result.runs.join(', ')})${ratio}${failures}`,
  );
}
