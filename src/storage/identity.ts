import type { Identity } from './storage.js';
import { StorageError } from './storage-error.js';

/** The member that opens a data directory. */
export type Owner = Omit<Identity, 'incarnation'>;

/** The directory of another member holds that member's votes, so using it could vote twice. */
export function requireOwner(found: Identity, owner: Owner, location: string): void {
  const mismatch = mismatchOf(found, owner);
  if (mismatch !== undefined) throw new StorageError('identity', `${location} ${mismatch}`);
}

/**
 * Completes a sentence about the directory. A member that ran before is never advised to take an
 * empty directory: its votes and acknowledged writes are in the one that it had.
 */
function mismatchOf(found: Owner, owner: Owner): string | undefined {
  const sameMember = found.memberId === owner.memberId;
  const sameCluster = found.clusterId === owner.clusterId;
  if (sameMember && sameCluster) return undefined;
  if (sameMember) {
    return (
      `is this member's own (${memberOf(found)}), but --initial-cluster names other members than when ` +
      `it was made (${clusterOf(found)} then, ${clusterOf(owner)} now): name the same members again. ` +
      'Their URLs may change, their names may not'
    );
  }
  if (sameCluster) {
    return (
      `belongs to another member of this cluster (${memberOf(found)}; this is ${memberOf(owner)}): ` +
      'either --name or --data-dir is that of the other member'
    );
  }
  if (haveSameNames(found, owner)) {
    return (
      `belongs to a cluster with the same names (${clusterOf(found)}) and another ` +
      '--initial-cluster-token: give the token with which it was made, or correct --data-dir'
    );
  }
  return (
    `belongs to member ${memberOf(found)} of another cluster (${clusterOf(found)}), but this is ` +
    `member ${memberOf(owner)} of ${clusterOf(owner)}: a member keeps its --name, its ` +
    '--initial-cluster-token and its --data-dir; one that never ran takes a directory that does not exist'
  );
}

function haveSameNames({ names }: Owner, owner: Owner): boolean {
  if (names === undefined || names.own !== owner.names?.own) return false;
  return names.all.join() === owner.names.all.join();
}

/** By its name where that is known, by its id elsewhere. */
function memberOf({ names, memberId }: Owner): string {
  return names?.own ?? memberId;
}

function clusterOf({ names, clusterId }: Owner): string {
  return names === undefined ? `cluster ${clusterId}` : names.all.join(', ');
}
