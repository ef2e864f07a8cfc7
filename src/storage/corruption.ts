import { StorageError } from './storage-error.js';

/**
 * A member that has lost a vote may vote twice, and one that has lost an entry may elect a leader
 * without it. So it must not take part. An empty directory under the old identity is the same loss.
 */
const remedy =
  'This member may have lost acknowledged writes and must not take part again with this data directory. ' +
  'It cannot be repaired in place, and the other members refuse this member with an empty one: put back the ' +
  'directory exactly as it last was, or leave this member stopped, and the others go on while they are a majority';

/** @param problem says exactly what contradicts what. */
export function corrupt(problem: string, options?: ErrorOptions): StorageError {
  return new StorageError('corrupt', `${problem}. ${remedy}`, options);
}
