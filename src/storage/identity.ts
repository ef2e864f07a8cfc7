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
  if (found.clusterId === owner.clusterId && found.memberId === owner.memberId) return;
  throw new StorageError(
    'identity',
    `${location} belongs to member ${found.memberId} of cluster ${found.clusterId}, but this is ` +
      `member ${owner.memberId} of cluster ${owner.clusterId}: give this member a directory of its own`,
  );
}
