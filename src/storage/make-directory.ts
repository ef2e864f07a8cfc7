import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isErrorCode } from './files.js';
import { StorageError } from './storage-error.js';

/**
 * Creates the directory, and those above it that are missing, for the owner alone. Returns the
 * topmost that it created. Node's own recursive `mkdir` tries for ever where the file system
 * answers ENOENT to every new name, as /proc does.
 * @throws StorageError `location` for such a file system, else what `mkdir` and `stat` throw.
 */
export async function makeDirectory(path: string): Promise<string | undefined> {
  if (await isDirectory(path)) return undefined;
  const made = await makeDirectory(dirname(path));
  await makeOne(path);
  return made ?? path;
}

/** False when nothing has this path. */
async function isDirectory(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return false;
    throw error;
  }
  throw Object.assign(new Error(`not a directory, stat '${path}'`), { code: 'ENOTDIR', path });
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) {
      const refusal = `no directory can be made at ${path}: --data-dir must name one on a disk`;
      throw new StorageError('location', refusal, { cause: error });
    }
    // Another process may have been faster.
    if (!isErrorCode(error, 'EEXIST') || !(await isDirectory(path))) throw error;
  }
}
