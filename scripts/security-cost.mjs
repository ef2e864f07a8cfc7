// What TLS and passwords cost: the CPU for each PUT on 64 kept connections to the leader of a
// cluster of three, of all members together and of the leader alone. The PUTs come by http, by
// https, and by http with a password, a second of each in turns, since the speed of a shared
// machine changes from one minute to the next. Needs wrk and openssl.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leaderPort } from './bench/leader.mjs';
import { measure } from './bench/wrk.mjs';
import { freePorts } from './cluster/free-ports.mjs';
import { LocalCluster } from './cluster/local-cluster.mjs';
import { root } from './packages.mjs';
import { cpuMs, median, sum } from './scale/process-usage.mjs';

const asRoot = { Authorization: basic('root') };
const rounds = Number(process.argv[2] ?? 40);
const warmUpRounds = 5;
const sliceMs = 900;
/** Until a load that was let go, or stopped, runs evenly, or no more. */
const settleMs = 100;
const scratch = mkdtempSync(join(tmpdir(), 'conclave-security-cost-'));
const [certFile, keyFile] = [join(scratch, 'own.crt'), join(scratch, 'own.key')];
execFileSync(
  'openssl',
  [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', keyFile, '-out', certFile],
  ],
  { stdio: 'ignore' },
);
const ports = await freePorts(9);
const [clientPorts, peerPorts, securePorts] = [
  ports.slice(0, 3),
  ports.slice(3, 6),
  ports.slice(6),
];
const cluster = new LocalCluster({
  clientPorts,
  peerPorts,
  dataDir: join(scratch, 'data'),
  command: [process.execPath, join(root, 'dist', 'main.js')],
  linkProxies: false,
  flags: ['--cert-file', certFile, '--key-file', keyFile, '--log-level', 'warn'],
  flagsOf: (name) => ['--listen-client-urls', urlsOf(cluster.names.indexOf(name))],
  log: console.error,
});
try {
  await cluster.start();
  await run();
} finally {
  await cluster.stop();
  rmSync(scratch, { recursive: true, force: true });
}

/** @param {number} position */
function urlsOf(position) {
  return `http://127.0.0.1:${clientPorts[position]},https://127.0.0.1:${securePorts[position]}`;
}

/** @typedef {'http' | 'https' | 'password'} Way */
/** @typedef {{all: number, leader: number}} Cpu in µs for each PUT */

async function run() {
  const port = await leaderPort({ name: 'the cluster', clientPorts });
  await makeUsers(port);
  /** @type {readonly Way[]} */
  const ways = ['http', 'https', 'password'];
  const loads = ways.map((way) => startLoad(port, way));
  /** @type {Record<Way, Cpu[]>} */
  const cpu = { http: [], https: [], password: [] };
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (const { way, pid } of round % 2 === 0 ? loads : loads.toReversed()) {
      await askForUsers(port, way === 'password');
      process.kill(pid, 'SIGCONT');
      await passes(settleMs);
      const each = await cpuOf(port);
      process.kill(pid, 'SIGSTOP');
      await passes(settleMs);
      if (round >= 0) cpu[way].push(each);
    }
  }
  for (const { pid } of loads) process.kill(pid, 'SIGCONT');
  for (const { way, result } of loads) {
    const { requests, failed } = await result;
    const all = median(cpu[way].map((each) => each.all)).toFixed(1);
    const leader = median(cpu[way].map((each) => each.leader)).toFixed(1);
    const times = `${all} µs of CPU each, the leader ${leader}`;
    console.log(`${way.padEnd(8)} ${requests} PUTs, ${failed} failed, ${times}`);
  }
  for (const way of /** @type {const} */ (['https', 'password'])) {
    const ratio = (/** @type {keyof Cpu} */ whose) => ratioOf(cpu[way], cpu.http, whose).toFixed(2);
    console.log(`${way} costs ${ratio('all')} of http, and the leader ${ratio('leader')}`);
  }
}

/**
 * Stopped until its first turn comes.
 * @param {number} port the leader's
 * @param {Way} way
 */
function startLoad(port, way) {
  const isSecure = way === 'https';
  let pid = 0;
  const result = measure(
    {
      ports: [isSecure ? (securePorts[clientPorts.indexOf(port)] ?? 0) : port],
      scheme: isSecure ? 'https' : 'http',
      script: 'put.lua',
      args: [way, '64', '100', ...(way === 'password' ? [basic('ann')] : [])],
      ...{ connections: 64, threads: 1 },
      // A little more than all turns take.
      seconds: Math.ceil((warmUpRounds + rounds) * 3 * (sliceMs + 2 * settleMs) * 1.2e-3),
    },
    (started) => {
      pid = started;
      process.kill(pid, 'SIGSTOP');
    },
  );
  return { way, pid, result };
}

/**
 * What the members spend from now on, for a moment.
 * @param {number} port the leader's
 * @returns {Promise<Cpu>}
 */
async function cpuOf(port) {
  const [before, writesBefore] = [membersCpuMs(), await writesAt(port)];
  await passes(sliceMs);
  const [after, writes] = [membersCpuMs(), (await writesAt(port)) - writesBefore];
  const spent = after.map((ms, member) => ((ms - (before[member] ?? 0)) / writes) * 1000);
  return { all: sum(spent), leader: spent[clientPorts.indexOf(port)] ?? 0 };
}

/**
 * Turn by turn, since the machine may have other things to do.
 * @param {readonly Cpu[]} costs
 * @param {readonly Cpu[]} plain
 * @param {keyof Cpu} whose
 */
function ratioOf(costs, plain, whose) {
  return median(costs.map((each, round) => each[whose] / (plain[round]?.[whose] ?? 1)));
}

function membersCpuMs() {
  return cluster.status().nodes.map(({ pid = 0 }) => cpuMs(pid));
}

/** @param {string} user */
function basic(user) {
  return `Basic ${Buffer.from(`${user}:secret`).toString('base64')}`;
}

/** @param {number} port */
async function makeUsers(port) {
  const permissions = { kv: { read: ['/*'], write: ['/*'] } };
  const made = () => mustPut(port, 'roles/bench', { role: 'bench', permissions });
  // The cluster keeps users once all its members are known to understand them.
  const endsAt = Date.now() + 10_000;
  while (
    !(await made().then(
      () => true,
      (error) => refusedFor(error, endsAt),
    ))
  )
    await passes(100);
  await mustPut(port, 'users/root', { user: 'root', password: 'secret' });
  await mustPut(port, 'users/ann', { user: 'ann', password: 'secret', roles: ['bench'] });
}

/**
 * False while it may be done later.
 * @param {unknown} error
 * @param {number} endsAt
 */
function refusedFor(error, endsAt) {
  if (Date.now() < endsAt && String(error).includes('keeps no users yet')) return false;
  throw error;
}

/**
 * @param {number} port
 * @param {boolean} isWanted
 */
async function askForUsers(port, isWanted) {
  const state = await fetch(`http://127.0.0.1:${port}/v2/auth/enable`, { headers: asRoot });
  const { enabled } = /** @type {{enabled: boolean}} */ (await state.json());
  if (enabled !== isWanted) await mustAsk(port, isWanted ? 'PUT' : 'DELETE', 'enable', '');
}

/**
 * @param {number} port
 * @param {string} path
 * @param {object} content
 */
async function mustPut(port, path, content) {
  await mustAsk(port, 'PUT', path, JSON.stringify(content));
}

/**
 * @param {number} port
 * @param {string} method
 * @param {string} path
 * @param {string} body
 */
async function mustAsk(port, method, path, body) {
  const headers = { ...asRoot, 'Content-Type': 'application/json' };
  const url = `http://127.0.0.1:${port}/v2/auth/${path}`;
  const response = await fetch(url, { method, headers, ...(body === '' ? {} : { body }) });
  if (!response.ok)
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

/** @param {number} ms */
function passes(ms) {
  return new Promise((later) => setTimeout(later, ms));
}

/** @param {number} port */
async function writesAt(port) {
  const response = await fetch(`http://127.0.0.1:${port}/v2/stats/store`, { headers: asRoot });
  return /** @type {{setsSuccess: number}} */ (await response.json()).setsSuccess;
}
