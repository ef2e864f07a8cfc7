// Does one thing to a running cluster, for a person at a terminal: see the usage below.
import { join } from 'node:path';
import { readArguments } from './arguments.mjs';
import { act, usage } from './cluster/chaos-actions.mjs';
import { anyCluster, localCluster } from './cluster/find-cluster.mjs';
import { messageOf } from './error-message.mjs';
import { root } from './packages.mjs';

const { values, positionals } = readArguments({
  options: { 'data-dir': { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  allowPositionals: true,
});
try {
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

/** @param {string | undefined} dataDir */
async function findCluster(dataDir) {
  if (dataDir === undefined) return await anyCluster({ folder: root, dataDir: join(root, 'data') });
  const cluster = await localCluster(dataDir);
  if (cluster === undefined) throw new Error(`No cluster runs in ${dataDir}`);
  return cluster;
}
