import { chmod, stat } from 'node:fs/promises';
import { isErrorCode } from './files.js';

/** What group and others may do. */
const forOthers = 0o077;

/**
 * Lets nobody but the owner into a directory that somebody else has made. False when the owner is
 * another user, as with volumes that a container platform makes: then it stays as it is.
 */
export async function closeToOthers(path: string): Promise<boolean> {
  const { mode } = await stat(path);
  if ((mode & forOthers) === 0) return true;
  try {
    await chmod(path, mode & ~forOthers & 0o777);
    return true;
  } catch (error) {
    if (isErrorCode(error, 'EPERM')) return false;
    throw error;
  }
}
