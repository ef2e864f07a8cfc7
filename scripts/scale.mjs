// What locks cost when there are many: `npm run scale`. Three members on this machine, as
// processes.
// - queue: thousands of requests wait for one lock, through all members, and it is handed from one
//   to the next.
// - names: many locks, each held by somebody.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from './arguments.mjs';
import { leaderPort } from './bench/leader.mjs';
import { freePorts } from './cluster/free-ports.mjs';
import { LocalCluster } from './cluster/local-cluster.mjs';
import { root } from './packages.mjs';
import { measureNames } from './scale/names.mjs';
import { measureQueue } from './scale/queue.mjs';

/**
 * @typedef {object} ScaleCluster
 * @property {readonly number[]} clientPorts
 * @property {number} leader its client port
 * @property {readonly number[]} pids
 */

/** @typedef {{waiting: number, locks: number}} Sizes */

/** @type {Readonly<Record<string, (cluster: ScaleCluster, sizes: Sizes) => Promise<void>>>} */
const measurements = { queue: measureQueue, names: measureNames };
const { values } = readArguments({
  options: {
    only: { type: 'string', default: '' },
    waiting: { type: 'string', default: '10000' },
    locks: { type: 'string', default: '100000' },
  },
});
const sizes = { waiting: Number(values.waiting), locks: Number(values.locks) };
for (const [name, size] of Object.entries(sizes)) {
  if (Number.isInteger(size) && size >= 100) continue;
  console.error(`--${name} must be a number, 100 or more.`);
  process.exit(2);
}
const chosen = Object.entries(measurements).filter(([name]) => name.includes(values.only));
if (chosen.length === 0) {
  console.error(
    `Nothing is called "${values.only}". There are: ${Object.keys(measurements).join(', ')}.`,
  );
  process.exit(2);
}
for (const [, measure] of chosen) await withCluster((cluster) => measure(cluster, sizes));

/**
 * Each begins with a cluster of its own, so that memory is comparable.
 * @param {(cluster: ScaleCluster) => Promise<void>} use
 */
async function withCluster(use) {
  const dataDir = mkdtempSync(join(tmpdir(), 'conclave-scale-'));
  const ports = await freePorts(6);
  const clientPorts = ports.slice(0, 3);
  const cluster = new LocalCluster({
    ...{ dataDir, clientPorts, peerPorts: ports.slice(3), linkProxies: false },
    command: [process.execPath, join(root, 'dist', 'main.js')],
    log: (line) => console.error(line),
  });
  const end = async () => {
    await cluster.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  const interrupt = () => void end().then(() => process.exit(130));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    await cluster.start();
    const leader = await leaderPort({ name: 'conclave', clientPorts });
    const pids = cluster.status().nodes.flatMap(({ pid }) => pid ?? []);
    await use({ clientPorts, leader, pids });
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    await end();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
