import { AssertionError } from '../assert.js';
import { DataDirectory } from './data-directory.js';
import { createDatabase, type InitialContent } from './database-creation.js';
import { DirectoryLock } from './directory-lock.js';
import { asStorageError, FailStop } from './fail-stop.js';
import type { Owner } from './identity.js';
import { StorageError } from './storage-error.js';

/**
 * Makes the data directory of a member that begins with a state. If it is interrupted, the
 * directory is that of a member that never ran.
 * @throws StorageError `identity` for one that a member has used.
 */
export async function createDirectory(
  path: string,
  owner: Owner,
  content: InitialContent,
): Promise<void> {
  const directory = new DataDirectory(path);
  try {
    await directory.prepare();
    const lock = await DirectoryLock.acquire(path);
    try {
      await requireUnused(directory);
      const steps = { failStop: new FailStop(), beforeStep: undefined };
      await createDatabase(directory, owner, steps, content);
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw error instanceof AssertionError ? error : asStorageError(error);
  }
}

/**
 * For files beside the database. The directory need not be this member's own, but it is that of no
 * other program.
 * @throws StorageError
 */
export async function prepareDirectory(path: string): Promise<void> {
  try {
    await new DataDirectory(path).prepare();
  } catch (error) {
    throw asStorageError(error);
  }
}

async function requireUnused(directory: DataDirectory): Promise<void> {
  if (!(await directory.isUsed())) return;
  throw new StorageError(
    'identity',
    `${directory.path} is the data directory of a member already: name one that is empty or does not exist`,
  );
}
