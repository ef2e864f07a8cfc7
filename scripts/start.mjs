// A cluster of three members on this machine: `npm start`. What they store is kept in data/.

// First of all: a mistake in the arguments is told before anything is installed.
import { options } from './start-options.mjs';
// Then this, and not by a shell's "&&": the shell would end at Ctrl-C before the members have.
import './prepare.mjs';

import { createServer } from 'node:net';
import { join } from 'node:path';
import { LocalCluster } from './cluster/local-cluster.mjs';
import { messageOf } from './error-message.mjs';
import { root } from './packages.mjs';

const readyLimitMs = 30_000;
const answerLimitMs = 5_000;
await refuseBusyPorts([...options.clientPorts, ...options.peerPorts]);

const cluster = new LocalCluster({
  ...options,
  command: [process.execPath, join(root, 'dist', 'main.js')],
  log: (line) => console.log(line),
});
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop(0));

try {
  await cluster.start();
  const leader = await readyLeader();
  if (!stopping) introduce(leader);
} catch (error) {
  console.error(messageOf(error));
  await stop(1);
}

/**
 * Before anything is started, so that a second `npm start` says what is wrong and harms nothing.
 * @param {readonly number[]} ports
 */
async function refuseBusyPorts(ports) {
  const busy = [];
  for (const port of ports) {
    const server = createServer();
    const isFree = await new Promise((answer) => {
      server.once('error', () => answer(false)).listen(port, '127.0.0.1', () => answer(true));
    });
    if (isFree) await new Promise((closed) => server.close(closed));
    else busy.push(port);
  }
  if (busy.length === 0) return;
  const [noun, verb] = busy.length === 1 ? ['Port', 'is'] : ['Ports', 'are'];
  console.error(`${noun} ${busy.join(', ')} ${verb} in use. Does a cluster run already?`);
  process.exit(1);
}

/** Resolves with the leader's name when every member is healthy and knows it. */
async function readyLeader() {
  const deadline = performance.now() + readyLimitMs;
  while (!stopping && performance.now() < deadline) {
    const leaders = await Promise.all(options.clientPorts.map(leaderKnownAt));
    if (leaders[0] !== undefined && leaders.every((leader) => leader === leaders[0])) {
      return leaders[0];
    }
    await new Promise((later) => setTimeout(later, 100));
  }
  if (stopping) return undefined;
  throw new Error(`No leader within ${readyLimitMs / 1000} s: see ${options.dataDir}/*.log`);
}

/**
 * @param {number} port
 * @returns {Promise<string | undefined>}
 */
async function leaderKnownAt(port) {
  try {
    const signal = AbortSignal.timeout(answerLimitMs);
    const health = await fetch(`http://127.0.0.1:${port}/health`, { signal });
    const leader = await fetch(`http://127.0.0.1:${port}/v2/members/leader`, { signal });
    const { name } = /** @type {{name: string}} */ (await leader.json());
    return health.ok && leader.ok ? name : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string | undefined} leader */
function introduce(leader) {
  const [first, second, third] = options.clientPorts.map((port) => `http://127.0.0.1:${port}`);
  console.log(`
Three members serve ${first}, ${second} and ${third}; ${leader} leads.
Their data and their logs are in ${options.dataDir}. Ctrl-C stops them.
The dashboard is at ${first}.

Try, in another terminal:
  curl -X POST '${first}/mod/v2/lock/customer1?ttl=60'
  curl -X PUT '${second}/mod/v2/leader/order_processing?ttl=60' -d name=myserver1.foo.com
  curl -X PUT '${third}/v2/keys/message' -d value='Hello world'
`);
}

/** @param {number} code for the shell */
async function stop(code) {
  if (stopping) process.exit(130);
  stopping = true;
  if (code === 0) console.log('Stopping …');
  await cluster.stop();
  process.exit(code);
}
