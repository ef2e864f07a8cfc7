import type { MemberId } from '../ids.js';
import type { Identity } from './storage.js';
import { StorageError } from './storage-error.js';

/** The member that opens a data directory. */
export interface Owner {
  /** 16 hexadecimal digits. */
  readonly clusterId: string;
  readonly memberId: MemberId;
}

/** The directory of another member holds that member's votes, so using it could vote twice. */
export function requireOwner(found: Identity, owner: Owner, location: string): void {
  const mismatch = mismatchOf(found, owner);
  if (mismatch !== undefined) throw new StorageError('identity', `${location} ${mismatch}`);
}

/**
 * Completes a sentence about the directory. A member that ran before is never advised to take an
 * empty directory: its votes and acknowledged writes are in the one that it had.
 */
function mismatchOf(found: Identity, owner: Owner): string | undefined {
  const sameMember = found.memberId === owner.memberId;
  const sameCluster = found.clusterId === owner.clusterId;
  if (sameMember && sameCluster) return undefined;
  if (sameMember) {
    return (
      `is this member's own (${found.memberId}), but --initial-cluster names other members than when ` +
      `it was made (cluster ${found.clusterId} then, ${owner.clusterId} now): name the same members again. ` +
      'Their URLs may change, their names may not'
    );
  }
  if (sameCluster) {
    return (
      `belongs to another member of this cluster (${found.memberId}; this is ${owner.memberId}): ` +
      'either --name or --data-dir is that of the other member'
    );
  }
  return (
    `belongs to member ${found.memberId} of cluster ${found.clusterId}, but this is ` +
    `member ${owner.memberId} of cluster ${owner.clusterId}: a member keeps its --name, its ` +
    '--initial-cluster-token and its --data-dir; one that never ran takes a directory that does not exist'
  );
}
