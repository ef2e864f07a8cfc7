import { field } from '../encoding/field.js';
import type { FormatRange } from '../encoding/format-range.js';
import { memberId } from '../encoding/id-kinds.js';
import { boundedText, required, uint } from '../encoding/kinds.js';
import { formatFor } from '../encoding/record-format.js';
import type { MemberId } from '../ids.js';
import type { Hello } from './transport.js';

/** A reason to refuse the peer, or undefined. Asked only when cluster and formats agree. */
export type AcceptPeer = (hello: Hello) => string | undefined;

/** The first frame of every stream. */
export interface Opening {
  readonly hello: Hello;
  readonly to: MemberId;
}

/** Identities are short; a longer text is neither kept nor logged. */
const identity = required(boundedText('an identity', 1, 256));

const formatRangeFormat = formatFor<FormatRange>('a range of formats', {
  lowest: field(1, uint),
  highest: field(2, uint),
});

/** Members of different releases read it, so it never gains a field above the lowest version. */
export const helloFormat = formatFor<Hello>('a hello', {
  formats: field(1, required(formatRangeFormat)),
  clusterId: field(2, identity),
  memberId: field(3, memberId),
  incarnation: field(4, identity),
});

/** Why the receiver refuses an opening; undefined when it accepts it. */
export function refuseOpening(
  local: Hello,
  opening: Opening,
  acceptPeer: AcceptPeer,
): string | undefined {
  const misdirected =
    opening.to === local.memberId ? undefined : `it was meant for member ${opening.to}`;
  return refusal(local, opening.hello, misdirected, acceptPeer);
}

/** Why the dialler refuses the member that it reached; undefined when it accepts it. */
export function refuseAnswer(
  local: Hello,
  expected: MemberId,
  answer: Hello,
  acceptPeer: AcceptPeer,
): string | undefined {
  const stranger =
    answer.memberId === expected ? undefined : `member ${expected} was expected there`;
  return refusal(local, answer, stranger, acceptPeer);
}

function refusal(
  local: Hello,
  remote: Hello,
  mistake: string | undefined,
  acceptPeer: AcceptPeer,
): string | undefined {
  const reason =
    difference(local, remote) ??
    (remote.memberId === local.memberId ? 'both have the same member id' : mistake) ??
    acceptPeer(remote);
  if (reason === undefined) return undefined;
  return `${describe(local)} refuses ${describe(remote)}: ${reason}`;
}

function difference(local: Hello, remote: Hello): string | undefined {
  const mismatch =
    newerThan(local, remote, 'the refusing') ?? newerThan(remote, local, 'the refused');
  if (mismatch !== undefined) return mismatch;
  if (local.clusterId !== remote.clusterId) return 'the clusters differ';
  return undefined;
}

/** No format that the newer one writes can be read by the older one. */
function newerThan(older: Hello, newer: Hello, which: string): string | undefined {
  const { lowest } = newer.formats;
  const { highest } = older.formats;
  if (lowest <= highest) return undefined;
  return `the other writes no format below ${lowest}, and ${which} member understands up to ${highest}: upgrade it`;
}

function describe({ memberId, clusterId, incarnation, formats }: Hello): string {
  return (
    `member ${memberId} of cluster ${clusterId} ` +
    `(incarnation ${incarnation}, formats ${formats.lowest} to ${formats.highest})`
  );
}
