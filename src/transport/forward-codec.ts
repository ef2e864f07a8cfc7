import { assertNever } from '../assert.js';
import { logIndex, term } from '../ids.js';
import type { ForwardRequest, ForwardResponse, ForwardTag } from './transport.js';
import { malformed, safeInteger, type WireInteger } from './wire.js';

interface WireForwardTag {
  readonly id: WireInteger;
  readonly boot: WireInteger;
  readonly term: WireInteger;
}

export interface WireForwardRequest extends WireForwardTag {
  readonly body?: 'propose' | 'readIndex';
  readonly propose?: Uint8Array;
  readonly readIndex?: object;
}

export interface WireForwardResponse extends WireForwardTag {
  readonly outcome: number;
  readonly readIndex?: WireInteger;
}

const outcomes = { accepted: 1, readIndex: 2, notLeader: 3, busy: 4 } as const;

const requestOverheadBytes = 64;

/** An upper bound of the encoded size. */
export function requestBytes(request: ForwardRequest): number {
  return requestOverheadBytes + (request.type === 'propose' ? request.command.byteLength : 0);
}

/** An upper bound of the encoded size. */
export function responseBytes(): number {
  return 64;
}

export function encodeForwardRequest(request: ForwardRequest): WireForwardRequest {
  const { id, boot, term } = request;
  switch (request.type) {
    case 'propose':
      return { id, boot, term, propose: request.command };
    case 'readIndex':
      return { id, boot, term, readIndex: {} };
    default:
      return assertNever(request);
  }
}

export function decodeForwardRequest(wire: WireForwardRequest): ForwardRequest {
  const tag = decodeTag(wire);
  switch (wire.body) {
    case 'propose':
      return {
        type: 'propose',
        ...tag,
        command: wire.propose ?? malformed('a proposal without one'),
      };
    case 'readIndex':
      return { type: 'readIndex', ...tag };
    case undefined:
      return malformed('a request without a body');
    default:
      return assertNever(wire.body);
  }
}

export function encodeForwardResponse(response: ForwardResponse): WireForwardResponse {
  const { id, boot, term, type } = response;
  const outcome = outcomes[type];
  return type === 'readIndex'
    ? { id, boot, term, outcome, readIndex: response.readIndex }
    : { id, boot, term, outcome };
}

export function decodeForwardResponse(wire: WireForwardResponse): ForwardResponse {
  const tag = decodeTag(wire);
  switch (wire.outcome) {
    case outcomes.accepted:
      return { type: 'accepted', ...tag };
    case outcomes.readIndex:
      return { type: 'readIndex', ...tag, readIndex: logIndex(safeInteger(wire.readIndex ?? 0)) };
    case outcomes.notLeader:
      return { type: 'notLeader', ...tag };
    case outcomes.busy:
      return { type: 'busy', ...tag };
    default:
      return malformed(`an unknown outcome ${wire.outcome}`);
  }
}

function decodeTag(wire: WireForwardTag): ForwardTag {
  return {
    id: safeInteger(wire.id),
    boot: safeInteger(wire.boot),
    term: term(safeInteger(wire.term)),
  };
}
