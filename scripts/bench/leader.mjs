const limitMs = 20_000;
const pauseMs = 100;

/** @typedef {{name: string, clientPorts: readonly number[]}} System */

/**
 * The leader's client port, once there is one. Conclave and etcd tell it the same way.
 * @param {System} system
 */
export async function leaderPort(system) {
  return await portInState(system, 'StateLeader');
}

/**
 * The client port of a follower, once there is a leader.
 * @param {System} system
 */
export async function followerPort(system) {
  await leaderPort(system);
  return await portInState(system, 'StateFollower');
}

/**
 * @param {System} system
 * @param {string} state
 * @returns {Promise<number>}
 */
async function portInState({ name, clientPorts }, state) {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    for (const port of clientPorts) {
      if ((await stateAt(port)) === state) return port;
    }
    await new Promise((later) => setTimeout(later, pauseMs));
  }
  throw new Error(`${name} has no member in ${state} after ${limitMs / 1000} s`);
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
