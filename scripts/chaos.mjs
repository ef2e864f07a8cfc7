// Does one thing to a running cluster, for a person at a terminal: see the usage below.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { act, usage } from './cluster/chaos-actions.mjs';
import { ComposeCluster } from './cluster/compose-cluster.mjs';
import { RemoteCluster } from './cluster/remote-cluster.mjs';
import { messageOf } from './error-message.mjs';
import { root } from './packages.mjs';

try {
  const { values, positionals } = parseArgs({
    options: { 'data-dir': { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help === true || positionals.length === 0) {
    console.log(usage);
  } else {
    const cluster = await findCluster(values['data-dir']);
    console.log(await act(cluster, positionals));
  }
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

/** The one that `npm start` runs; without it, the one that docker compose runs.
 * @param {string | undefined} dataDir */
async function findCluster(dataDir) {
  const local = new RemoteCluster(join(dataDir ?? join(root, 'data'), 'control.sock'));
  if (await local.isThere()) return local;
  if (dataDir !== undefined) throw new Error(`No cluster runs in ${dataDir}`);
  const compose = new ComposeCluster({ folder: root });
  if (await compose.isThere()) return compose;
  throw new Error('No cluster runs here: start one with "npm start" or "docker compose up"');
}
