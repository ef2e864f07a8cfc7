import { StorageError } from './storage-error.js';

const notOurs =
  'this process may not use it; make its user the owner of the data directory and of all that is in it';

/** What is wrong with a path, and what to do about it, by the code of the failed system call. */
const refusals: Readonly<Record<string, string>> = {
  ENOTDIR: 'it, or a part of its path, is a file; --data-dir must name a directory',
  EEXIST: 'its name is taken, and not by a directory; --data-dir must name a directory',
  ELOOP: 'its symbolic links lead in a circle; --data-dir must name a directory',
  ENAMETOOLONG: 'its name is too long; --data-dir must be shorter',
  EACCES: notOurs,
  EPERM: notOurs,
  EROFS: 'its file system is mounted read-only; mount it for writing',
};

/**
 * For a path that can't be used as it is, while the disk works; undefined for every other failure.
 */
export function locationError(error: unknown): StorageError | undefined {
  if (!(error instanceof Error && 'code' in error && 'path' in error)) return undefined;
  const { code, path } = error;
  if (typeof code !== 'string' || !Object.hasOwn(refusals, code)) return undefined;
  const refusal = `${path} cannot be used: ${refusals[code]}`;
  return new StorageError('location', refusal, { cause: error });
}
