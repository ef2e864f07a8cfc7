import type { MemberId } from '../ids.js';
import type { Identity } from './storage.js';
import { StorageError } from './storage-error.js';

/** Who asks for a data directory. */
export interface Owner {
  /** 16 hexadecimal digits. */
  readonly clusterId: string;
  readonly memberId: MemberId;
}

/** A directory of another member holds that member's votes: to use it would be to vote twice. */
export function requireOwner(found: Identity, owner: Owner, location: string): void {
  if (found.clusterId === owner.clusterId && found.memberId === owner.memberId) return;
  throw new StorageError(
    'identity',
    `${location} belongs to member ${found.memberId} of cluster ${found.clusterId}, but this is ` +
      `member ${owner.memberId} of cluster ${owner.clusterId}: give this member a directory of its own`,
  );
}
