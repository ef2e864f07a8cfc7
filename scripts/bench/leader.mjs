const limitMs = 20_000;
const pauseMs = 50;

/** @typedef {{name: string, clientPorts: readonly number[]}} Members */

/**
 * The leader's client port, once there is one. Conclave and etcd tell it the same way.
 * @param {Members} members
 */
export async function leaderPort(members) {
  return await clientPortOf(members, ['StateLeader']);
}

/**
 * The client port of a follower, once there is a leader.
 * @param {Members} members
 */
export async function followerPort(members) {
  await leaderPort(members);
  return await clientPortOf(members, ['StateFollower']);
}

/**
 * The client port of a member in one of the states.
 * @param {Members} members
 * @param {readonly string[]} states
 * @returns {Promise<number>}
 */
export async function clientPortOf({ name, clientPorts }, states) {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    for (const port of clientPorts) {
      if (states.includes((await stateAt(port)) ?? '')) return port;
    }
    await new Promise((later) => setTimeout(later, pauseMs));
  }
  const wanted = states.join(' or ');
  throw new Error(`${name} has no member in ${wanted} after ${limitMs / 1000} s`);
}

/**
 * Undefined while nobody answers there.
 * @param {number} port
 * @returns {Promise<string | undefined>}
 */
async function stateAt(port) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/v2/stats/self`);
    return /** @type {{state: string}} */ (await response.json()).state;
  } catch {
    return undefined;
  }
}
