import { join } from 'node:path';
import { messageOf } from '../error-message.mjs';
import { ComposeCluster } from './compose-cluster.mjs';
import { RemoteCluster } from './remote-cluster.mjs';

/**
 * The cluster that `npm start` runs with this data directory.
 * @param {string} dataDir
 */
export async function localCluster(dataDir) {
  const local = new RemoteCluster(join(dataDir, 'control.sock'));
  return (await local.isThere()) ? local : undefined;
}

/**
 * The one that `npm start` runs; without it, the one of the folder's docker-compose.yml.
 * @param {{folder: string, dataDir: string}} places
 */
export async function anyCluster({ folder, dataDir }) {
  const local = await localCluster(dataDir);
  if (local !== undefined) return local;
  const compose = new ComposeCluster({ folder });
  const isThere = await compose.isThere().catch((error) => {
    const none = `"npm start" runs no cluster here, and Docker can't be asked for one`;
    throw new Error(`${none}: ${messageOf(error)}`, { cause: error });
  });
  if (isThere) return compose;
  throw new Error(
    'No cluster runs here: start one with "npm start", "docker compose up" or "docker-compose up"',
  );
}
