import { field } from '../encoding/field.js';
import { logIndex, memberId, term } from '../encoding/id-kinds.js';
import { bytes, flag, list, oneOf, optional, required, text, uint } from '../encoding/kinds.js';
import { formatFor, type RecordFormat, taggedFormatFor } from '../encoding/record-format.js';
import { UnionFormat } from '../encoding/union-format.js';
import type {
  MembersChange,
  MembersRefusal,
  MembersRefusalReason,
  NewMember,
} from '../view/members-change.js';
import type {
  ForwardedMembersChange,
  ForwardedProposal,
  ForwardedReadIndex,
  ForwardedTransfer,
  ForwardRequest,
  ForwardResponse,
  ForwardTag,
  MembersChangeResponse,
  ReadIndexResponse,
} from './transport.js';

const urls = list(text, Object.freeze([]));
const tag = { id: field(1, uint), boot: field(2, uint), term: field(3, term) };

const propose: RecordFormat<ForwardedProposal> = taggedFormatFor('propose', {
  ...tag,
  command: field(4, bytes),
});
const readIndexRequest: RecordFormat<ForwardedReadIndex> = taggedFormatFor('readIndex', tag);

const transferRequest: RecordFormat<ForwardedTransfer> = taggedFormatFor('transferLeadership', {
  ...tag,
  to: field(4, optional(memberId)),
});

const newMember = formatFor<NewMember>('a new member', {
  memberId: field(1, memberId),
  name: field(2, text),
  peerUrls: field(3, urls),
  staysLearner: field(4, flag),
});

const changeFormat = new UnionFormat<MembersChange>('a change of the members', {
  add: [1, taggedFormatFor('add', { member: field(1, required(newMember)) })],
  remove: [2, taggedFormatFor('remove', { memberId: field(1, memberId) })],
  update: [
    3,
    taggedFormatFor('update', { memberId: field(1, memberId), peerUrls: field(2, urls) }),
  ],
});

const membersRequest: RecordFormat<ForwardedMembersChange> = taggedFormatFor('changeMembers', {
  ...tag,
  change: field(4, required(changeFormat)),
});

export const requestFormat = new UnionFormat<ForwardRequest>('a request', {
  propose: [1, propose],
  readIndex: [2, readIndexRequest],
  transferLeadership: [3, transferRequest],
  changeMembers: [4, membersRequest],
});

/** Each type of answer by itself. */
type WireResponse =
  | ReadIndexResponse
  | MembersChangeResponse
  | (ForwardTag & { readonly type: 'accepted' })
  | (ForwardTag & { readonly type: 'notLeader' })
  | (ForwardTag & { readonly type: 'busy' });

const readIndexResponse: RecordFormat<ReadIndexResponse> = taggedFormatFor('readIndex', {
  ...tag,
  readIndex: field(4, logIndex),
});

/** Their positions are written: only ever append. */
const refusalReasons = [
  'exists',
  'unknown',
  'removed',
  'lastVoter',
  'tooMany',
  'urlTaken',
  'nameTaken',
  'unsafe',
  'noLeader',
  'notConfirmed',
] as const satisfies readonly MembersRefusalReason[];

const refusalFormat = formatFor<MembersRefusal>('a refusal', {
  reason: field(1, oneOf<MembersRefusalReason>(refusalReasons)),
  missing: field(2, list(memberId, Object.freeze([]))),
});

const membersResponse: RecordFormat<MembersChangeResponse> = taggedFormatFor('membersChanged', {
  ...tag,
  refusal: field(4, optional(refusalFormat)),
});

export const responseFormat = new UnionFormat<WireResponse>('an answer', {
  accepted: [1, taggedFormatFor('accepted', tag)],
  readIndex: [2, readIndexResponse],
  notLeader: [3, taggedFormatFor('notLeader', tag)],
  busy: [4, taggedFormatFor('busy', tag)],
  membersChanged: [5, membersResponse],
});

const requestOverheadBytes = 64;
/** Names and addresses are bounded where they are told. */
const changeBytesMax = 16 * 1024;

/** An upper bound of the encoded size. */
export function requestBytes(request: ForwardRequest): number {
  if (request.type === 'propose') return requestOverheadBytes + request.command.byteLength;
  return request.type === 'changeMembers' ? changeBytesMax : requestOverheadBytes;
}

/** An upper bound of the encoded size. */
export function responseBytes(response: ForwardResponse): number {
  return response.type === 'membersChanged' ? changeBytesMax : requestOverheadBytes;
}
