import { field } from '../encoding/field.js';
import type { FormatRange } from '../encoding/format-range.js';
import { memberId } from '../encoding/id-kinds.js';
import { boundedText, optional, required, uint } from '../encoding/kinds.js';
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

const clusterAdvice =
  'Members of one cluster have the same --initial-cluster-token and the same names in --initial-cluster. ' +
  'One that was restored from a backup has an id of its own: a member that has lost its directory of it is replaced';
const addressAdvice = 'an address in --initial-cluster is that of another member';

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
  peerUrl: field(5, optional(boundedText('an address', 1, 2048))),
});

/** Why the receiver refuses an opening, as in {@link PeerRefusal}; undefined when it accepts it. */
export function refuseOpening(
  local: Hello,
  opening: Opening,
  acceptPeer: AcceptPeer,
): string | undefined {
  const misdirected =
    opening.to === local.memberId
      ? undefined
      : `its connection was meant for member ${opening.to}: ${addressAdvice}`;
  return refusal(local, opening.hello, misdirected, acceptPeer);
}

/** Why the dialler refuses the member that it reached, likewise. */
export function refuseAnswer(
  local: Hello,
  expected: MemberId,
  answer: Hello,
  acceptPeer: AcceptPeer,
): string | undefined {
  const stranger =
    answer.memberId === expected
      ? undefined
      : `member ${expected} was expected there: ${addressAdvice}`;
  return refusal(local, answer, stranger, acceptPeer);
}

function refusal(
  local: Hello,
  remote: Hello,
  mistake: string | undefined,
  acceptPeer: AcceptPeer,
): string | undefined {
  return difference(local, remote) ?? mistake ?? acceptPeer(remote);
}

function difference(local: Hello, remote: Hello): string | undefined {
  const mismatch =
    newerThan(local, remote, 'the refusing') ?? newerThan(remote, local, 'the refused');
  if (mismatch !== undefined) return mismatch;
  if (local.clusterId !== remote.clusterId) {
    return (
      `it is of cluster ${remote.clusterId}, and the refusing member of cluster ${local.clusterId}: ` +
      `the clusters differ. ${clusterAdvice}`
    );
  }
  if (local.memberId !== remote.memberId) return undefined;
  return `both have the same member id, ${local.memberId}: give each member a --name of its own`;
}

/** No format that the newer one writes can be read by the older one. */
function newerThan(older: Hello, newer: Hello, which: string): string | undefined {
  const { lowest } = newer.formats;
  const { highest } = older.formats;
  if (lowest <= highest) return undefined;
  return (
    `one of the two, of formats ${lowest} to ${newer.formats.highest}, writes no format below ${lowest}, ` +
    `and ${which} member understands up to ${highest}: upgrade it`
  );
}
