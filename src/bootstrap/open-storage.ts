import type { ServerConfig } from '../config/server-config.js';
import type { Logger } from '../logger.js';
import type { Owner } from '../storage/identity.js';
import { LevelStorage } from '../storage/level-storage.js';
import { foundingMembers } from './bootstrap.js';
import { forceNewCluster } from './force-new-cluster.js';

/** What the flag has written counts from the next opening on. */
export async function openStorage(
  config: ServerConfig,
  owner: Owner,
  logger: Logger,
): Promise<LevelStorage> {
  const options = { dataDir: config.dataDir, ...owner };
  const storage = await LevelStorage.open(options);
  if (!config.forceNewCluster) return storage;
  try {
    if (!(await forceNewCluster(storage, foundingMembers(config), logger))) return storage;
  } catch (error) {
    await storage.close();
    throw error;
  }
  await storage.close();
  return await LevelStorage.open(options);
}
