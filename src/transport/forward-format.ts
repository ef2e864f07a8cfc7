import { field } from '../encoding/field.js';
import { logIndex, term } from '../encoding/id-kinds.js';
import { bytes, uint } from '../encoding/kinds.js';
import { type RecordFormat, taggedFormatFor } from '../encoding/record-format.js';
import { UnionFormat } from '../encoding/union-format.js';
import type {
  ForwardedProposal,
  ForwardedReadIndex,
  ForwardRequest,
  ForwardResponse,
  ForwardTag,
  ReadIndexResponse,
} from './transport.js';

const tag = { id: field(1, uint), boot: field(2, uint), term: field(3, term) };

const propose: RecordFormat<ForwardedProposal> = taggedFormatFor('propose', {
  ...tag,
  command: field(4, bytes),
});
const readIndexRequest: RecordFormat<ForwardedReadIndex> = taggedFormatFor('readIndex', tag);

export const requestFormat = new UnionFormat<ForwardRequest>('a request', {
  propose: [1, propose],
  readIndex: [2, readIndexRequest],
});

/** Each type of answer by itself. */
type WireResponse =
  | ReadIndexResponse
  | (ForwardTag & { readonly type: 'accepted' })
  | (ForwardTag & { readonly type: 'notLeader' })
  | (ForwardTag & { readonly type: 'busy' });

const readIndexResponse: RecordFormat<ReadIndexResponse> = taggedFormatFor('readIndex', {
  ...tag,
  readIndex: field(4, logIndex),
});

export const responseFormat = new UnionFormat<WireResponse>('an answer', {
  accepted: [1, taggedFormatFor('accepted', tag)],
  readIndex: [2, readIndexResponse],
  notLeader: [3, taggedFormatFor('notLeader', tag)],
  busy: [4, taggedFormatFor('busy', tag)],
});

const requestOverheadBytes = 64;

/** An upper bound of the encoded size. */
export function requestBytes(request: ForwardRequest): number {
  return requestOverheadBytes + (request.type === 'propose' ? request.command.byteLength : 0);
}

/** An upper bound of the encoded size. */
export function responseBytes(_response: ForwardResponse): number {
  return 64;
}
