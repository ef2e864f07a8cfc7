import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { inParallel } from '../scale/lock-client.mjs';
import { followerPort, leaderPort } from './leader.mjs';
import { latencies, put, writeAtRate } from './open-loop.mjs';
import { residentMb } from './steady.mjs';

/** @typedef {import('./system.mjs').System} System */
/** @typedef {import('./lines.mjs').Plan} Plan */

const writers = 64;
const foldersOfKeys = 100;
const startLimitMs = 120_000;

export const manyKeys = {
  /**
   * The first snapshot falls into the middle of the writes at a fixed rate.
   * @param {Plan} plan
   */
  ownCluster: ({ keys, perSecond, seconds }) => ({
    snapshotCount: keys + Math.round((perSecond * seconds) / 2),
  }),
  /**
   * Memory after so many keys were written, latency of writes while all members write a snapshot
   * of them, and the time until a member serves again that was stopped.
   * @param {System} system
   * @param {Plan} plan
   */
  async run(system, { keys, perSecond, seconds }) {
    const failedBefore = await fill(system, keys);
    const resident = await residentMb(system);
    const ports = system.clientPorts;
    const all = await writeAtRate({ ports, perSecond, seconds, keyOf: (at) => `after/${at}` });
    demandSnapshot(system);
    const { failed, ...found } = latencies(all);
    const startMs = await timeToStart(system, `after/${all.length - 1}`);
    return { startMs, ...found, residentMb: resident, failed: failed + failedBefore };
  },
};

/**
 * Writes so many keys of 64 bytes, and resolves with the number of those that failed.
 * @param {System} system
 * @param {number} keys
 */
export async function fill(system, keys) {
  const agent = new Agent({ keepAlive: true, maxSockets: writers });
  const port = await leaderPort(system);
  let failed = 0;
  await inParallel(keys, writers, async (number) => {
    if (await put(agent, port, `many/${number % foldersOfKeys}/${number}`)) failed += 1;
  });
  agent.destroy();
  return failed;
}

/**
 * Both systems say so in the log of each member.
 * @param {System} system
 */
function demandSnapshot({ name, dataDir, clientPorts }) {
  const [member, says] = name === 'etcd' ? ['etcd', 'saved snapshot'] : ['node', 'snapshot taken'];
  for (const position of clientPorts.keys()) {
    const log = join(dataDir, `${member}${position + 1}.log`);
    if (readFileSync(log, 'utf8').includes(says)) continue;
    throw new Error(`a member of ${name} took no snapshot while it served: see ${log}`);
  }
}

/**
 * A follower is stopped and started: until it has the newest key, in milliseconds.
 * @param {System} system
 * @param {string} newestKey
 */
export async function timeToStart(system, newestKey) {
  const port = await followerPort(system);
  const position = system.clientPorts.indexOf(port);
  const pid = (await system.pids())[position];
  if (pid === undefined) throw new Error(`a follower of ${system.name} does not run`);
  process.kill(pid, 'SIGTERM');
  while ((await system.pids())[position] !== undefined) await pause();
  const startedAt = performance.now();
  await system.restart(position);
  while (performance.now() - startedAt < startLimitMs) {
    if (await serves(`http://127.0.0.1:${port}/v2/keys/${newestKey}?quorum=false`)) {
      return performance.now() - startedAt;
    }
    await pause();
  }
  throw new Error(
    `a member of ${system.name} did not serve ${startLimitMs / 1000} s after its start`,
  );
}

function pause() {
  return new Promise((later) => setTimeout(later, 5));
}

/**
 * False while nobody listens there.
 * @param {string} url
 */
async function serves(url) {
  try {
    const { ok } = await fetch(url);
    return ok;
  } catch {
    return false;
  }
}
