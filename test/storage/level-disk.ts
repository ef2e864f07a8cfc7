import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
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
 * The files that a crash at this moment would leave: everything is synced before it is reported.
 * LevelDB may replace tables meanwhile, in a thread of its own, and a copy of some old ones with
 * some new ones is none that a crash leaves: it is made again until nothing has changed.
 */
export async function copyDataDirectory(from: string, to: string): Promise<void> {
  for (;;) {
    const before = await filesIn(from);
    if (before !== undefined && (await areCopied(before, from, to))) {
      if (isDeepStrictEqual(before, await filesIn(from))) return;
    }
    await rm(to, { recursive: true, force: true });
  }
}

/** Path and state of each file, without the lock; undefined when one vanishes meanwhile. */
async function filesIn(directory: string): Promise<ReadonlyMap<string, string> | undefined> {
  const files = new Map<string, string>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || isLockFile(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const stats = await unlessGone(stat(path, { bigint: true }));
    if (stats === undefined) return undefined;
    files.set(relative(directory, path), `${stats.ino} ${stats.size} ${stats.mtimeNs}`);
  }
  return files;
}

/** False when one vanishes meanwhile. */
async function areCopied(
  files: ReadonlyMap<string, string>,
  from: string,
  to: string,
): Promise<boolean> {
  for (const path of files.keys()) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    const copied = copyFile(join(from, path), join(to, path)).then(() => true);
    if ((await unlessGone(copied)) === undefined) return false;
  }
  return true;
}

async function unlessGone<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
