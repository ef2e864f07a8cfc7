import { field } from '../encoding/field.js';
import { logIndex, memberId, term } from '../encoding/id-kinds.js';
import { boundedText, oneOf, optional, uint } from '../encoding/kinds.js';
import { formatFor } from '../encoding/record-format.js';
import type { Role } from '../raft/ready.js';
import type { MemberStatus } from '../view/member-status.js';

export const statusFormat = formatFor<MemberStatus>("a member's status", {
  role: field(1, oneOf<Role>(['follower', 'preCandidate', 'candidate', 'leader'])),
  term: field(2, term),
  leaderId: field(3, optional(memberId)),
  commitIndex: field(4, logIndex),
  appliedIndex: field(5, logIndex),
  /** In whole milliseconds. */
  upMs: field(6, uint),
  rssBytes: field(7, optional(uint)),
  heapUsedBytes: field(8, uint),
  diskBytes: field(9, optional(uint)),
  watchers: field(10, uint),
  version: field(11, boundedText('a version', 0, 256)),
});

const numbersBytesMax = 192;

/** An upper bound of the encoded size. */
export function statusBytes({ version }: MemberStatus): number {
  return numbersBytesMax + Buffer.byteLength(version);
}
