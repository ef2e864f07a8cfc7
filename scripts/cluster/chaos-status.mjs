const statsLimitMs = 1_500;
/** A member that waits for its cluster says so at the end of its own --request-timeout, 3 s. */
const healthLimitMs = 5_000;

/**
 * @typedef {object} Node
 * @property {string} name
 * @property {'running' | 'paused' | 'dead'} state
 * @property {number | undefined} pid
 * @property {string | undefined} clientUrl
 */

/**
 * @typedef {object} Said what a member says of itself
 * @property {string} role
 * @property {number} term
 * @property {number} commitIndex
 * @property {number} appliedIndex
 */

/**
 * Asks every node that can answer, all at once.
 * @param {readonly Node[]} nodes
 * @returns {Promise<(Node & {said: Said | undefined, health: string})[]>}
 */
export async function askMembers(nodes) {
  return await Promise.all(
    nodes.map(async (node) => {
      if (node.state !== 'running' || node.clientUrl === undefined) {
        return { ...node, said: undefined, health: '' };
      }
      const health = await ask(`${node.clientUrl}/health`, healthLimitMs);
      // After it, since the answer about the health may have waited while the member stepped down.
      const said = await ask(`${node.clientUrl}/v2/stats/self`, statsLimitMs);
      return {
        ...node,
        said: /** @type {Said | undefined} */ (said),
        health: healthText(/** @type {Health | undefined} */ (health)),
      };
    }),
  );
}

/**
 * @param {Awaited<ReturnType<typeof askMembers>>} nodes
 * @param {readonly (readonly [string, string])[]} cuts
 */
export function statusText(nodes, cuts) {
  const rows = nodes.map(({ name, state, pid, clientUrl, said, health }) => [
    ...[name, state, pid, clientUrl],
    ...[roleText(said?.role), said?.term, said?.commitIndex, said?.appliedIndex, health],
  ]);
  const titles = [
    'node',
    'process',
    'pid',
    'clients',
    'role',
    'term',
    'commit',
    'applied',
    'health',
  ];
  const cutText = cuts.map(([one, other]) => `${one} and ${other} can't reach each other`);
  return [...table([titles, ...rows]), '', ...(cuts.length > 0 ? cutText : ['no partition'])].join(
    '\n',
  );
}

/**
 * @param {string} url
 * @param {number} limitMs
 */
async function ask(url, limitMs) {
  // Node may not notice that a server hangs up at once, as a container does that has just started.
  // A timer of `AbortSignal.timeout` would not keep Node running meanwhile: it would end in
  // silence.
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), limitMs);
  try {
    const response = await fetch(url, { signal: controller.signal });
    return await response.json();
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * As the log and the dashboard have it.
 * @param {string | undefined} role
 */
function roleText(role) {
  return role === 'preCandidate' ? 'pre-candidate' : role;
}

/** @typedef {{health?: string, reason?: string}} Health */

/** @param {Health | undefined} answer */
function healthText(answer) {
  if (answer === undefined) return 'no answer';
  return answer.health === 'true' ? 'ok' : (answer.reason ?? 'not ok');
}

/** @param {readonly (readonly (string | number | undefined)[])[]} rows */
function table(rows) {
  const cells = rows.map((row) => row.map((cell) => String(cell ?? '-')));
  /** @param {number} column */
  const width = (column) => Math.max(...cells.map((row) => row[column]?.length ?? 0));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(width(column)))
      .join('  ')
      .trimEnd(),
  );
}
