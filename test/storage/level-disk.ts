import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LevelStorage } from '../../src/storage/level-storage.js';
import type { Disk } from './session.js';

/** An empty directory of its own; the data directory is to be made in it. */
export async function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'conclave-storage-'));
}

export async function levelDisk(): Promise<Disk> {
  const directory = await temporaryDirectory();
  return {
    open: (as) => LevelStorage.open({ ...as, dataDir: join(directory, 'data') }),
    dispose: () => rm(directory, { recursive: true }),
  };
}
