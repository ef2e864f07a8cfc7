import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { isLockFile } from '../../src/storage/directory-lock.js';
import { LevelStorage } from '../../src/storage/level-storage.js';
import { owner } from './samples.js';
import type { Disk } from './session.js';

const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** An empty directory; it goes with the test. */
export function temporaryDirectory(test: TestContext): Promise<string> {
  return directoryIn(test, tmpdir());
}

/**
 * The same in memory, where there is such a thing: for many small directories, that no sync needs
 * to wait for.
 */
export function memoryDirectory(test: TestContext): Promise<string> {
  return directoryIn(test, memory);
}

async function directoryIn(test: TestContext, parent: string): Promise<string> {
  const directory = await mkdtemp(join(parent, 'conclave-storage-'));
  test.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export async function levelDisk(): Promise<Disk> {
  const directory = await mkdtemp(join(memory, 'conclave-storage-'));
  return {
    open: (as) => LevelStorage.open({ ...as, dataDir: join(directory, 'data') }),
    dispose: () => rm(directory, { recursive: true }),
  };
}

export function openLevel(dataDir: string): Promise<LevelStorage> {
  return LevelStorage.open({ ...owner, dataDir });
}

/**
 * The files that a crash at this moment would leave: everything is synced before it is reported. A
 * watermark that is being replaced meanwhile is copied as the old one or the new one, and never
 * its temporary file, which may be renamed before it is copied.
 */
export async function copyDataDirectory(from: string, to: string): Promise<void> {
  const isLeft = (path: string) => !isLockFile(path) && path !== 'watermark.tmp';
  await cp(from, to, { recursive: true, filter: (path) => isLeft(basename(path)) });
}
