import { askMembers, statusText } from './chaos-status.mjs';

export const usage = `scripts/chaos ACTION, with a cluster of "npm start" or "docker compose up":

  status                                what every node does, and who can't reach whom
  kill NODE                             ends its process at once (SIGKILL)
  pause NODE, resume NODE               stops the process, and lets it go on (SIGSTOP, SIGCONT)
  restart NODE                          stops it in good order, if it lives, and starts it
  partition NODE[,NODE] NODE[,NODE]     cuts the two groups apart, in silence
  isolate NODE                          cuts it apart from all others
  heal                                  ends all partitions

NODE is a name that status shows, or "leader".  --data-dir DIR finds a cluster elsewhere.`;

/**
 * @typedef {object} Status
 * @property {readonly import('./chaos-status.mjs').Node[]} nodes
 * @property {readonly (readonly [string, string])[]} cuts
 */

/**
 * @typedef {object} Cluster
 * @property {() => Promise<Status>} status
 * @property {(node: string) => Promise<void>} kill
 * @property {(node: string) => Promise<void>} pause
 * @property {(node: string) => Promise<void>} resume
 * @property {(node: string) => Promise<void>} restart
 * @property {(group: readonly string[], others: readonly string[]) => Promise<void>} partition
 * @property {() => Promise<void>} heal
 */

/**
 * How many words each action takes, and what it does; it returns what to tell.
 * @type {Readonly<Record<string, {
 *   words: number, run: (cluster: Cluster, ...words: string[]) => Promise<string>,
 * }>>}
 */
const actions = {
  status: { words: 0, run: (cluster) => status(cluster) },
  kill: { words: 1, run: (cluster, node) => toOne(cluster, 'kill', node, 'is killed') },
  pause: { words: 1, run: (cluster, node) => toOne(cluster, 'pause', node, 'stands still') },
  resume: { words: 1, run: (cluster, node) => toOne(cluster, 'resume', node, 'goes on') },
  restart: { words: 1, run: (cluster, node) => toOne(cluster, 'restart', node, 'is restarted') },
  partition: { words: 2, run: (cluster, group, others) => partition(cluster, group, others) },
  isolate: { words: 1, run: (cluster, node) => isolate(cluster, node) },
  heal: { words: 0, run: (cluster) => heal(cluster) },
};

/**
 * @param {Cluster} cluster
 * @param {readonly string[]} words the action and what follows it
 * @returns {Promise<string>}
 */
export async function act(cluster, [name = '', ...words]) {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined) throw new Error(`There is no action "${name}".\n\n${usage}`);
  if (words.length !== action.words) {
    throw new Error(`${name} takes ${action.words} argument(s), not ${words.length}.\n\n${usage}`);
  }
  return await action.run(cluster, ...words);
}

/** @param {Cluster} cluster */
async function status(cluster) {
  const { nodes, cuts } = await cluster.status();
  return statusText(await askMembers(nodes), cuts);
}

/**
 * @param {Cluster} cluster
 * @param {'kill' | 'pause' | 'resume' | 'restart'} action
 * @param {string} node
 * @param {string} done
 */
async function toOne(cluster, action, node, done) {
  const name = await nameOf(cluster, node);
  await cluster[action](name);
  return `${name} ${done}`;
}

/**
 * @param {Cluster} cluster
 * @param {string} group
 * @param {string} others
 */
async function partition(cluster, group, others) {
  const [near, far] = [await namesOf(cluster, group), await namesOf(cluster, others)];
  await cluster.partition(near, far);
  return `${near.join(', ')} and ${far.join(', ')} can't reach each other`;
}

/**
 * @param {Cluster} cluster
 * @param {string} node
 */
async function isolate(cluster, node) {
  const name = await nameOf(cluster, node);
  const { nodes } = await cluster.status();
  const others = nodes.map((other) => other.name).filter((other) => other !== name);
  await cluster.partition([name], others);
  return `${name} can't reach ${others.join(', ')}, nor they it`;
}

/** @param {Cluster} cluster */
async function heal(cluster) {
  await cluster.heal();
  return 'All can reach each other';
}

/**
 * @param {Cluster} cluster
 * @param {string} list
 */
async function namesOf(cluster, list) {
  const words = list.split(',').filter((word) => word !== '');
  return await Promise.all(words.map((word) => nameOf(cluster, word)));
}

/** The name of a node. Of several nodes that claim to lead, "leader" is the one of the latest term.
 * @param {Cluster} cluster
 * @param {string} word */
async function nameOf(cluster, word) {
  const { nodes } = await cluster.status();
  if (word !== 'leader') {
    if (nodes.some(({ name }) => name === word)) return word;
    const names = nodes.map(({ name }) => name).join(', ');
    throw new Error(`There is no node "${word}"; there are ${names}, and "leader"`);
  }
  const [leader] = (await askMembers(nodes))
    .filter(({ said }) => said?.role === 'leader')
    .sort((one, other) => (other.said?.term ?? 0) - (one.said?.term ?? 0));
  if (leader === undefined) throw new Error('No node leads just now');
  return leader.name;
}
