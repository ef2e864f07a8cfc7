import { assertNever } from '../assert.js';
import { logIndex } from '../ids.js';
import type { ForwardRequest, ForwardResponse } from './transport.js';
import { malformed, safeInteger, type WireInteger } from './wire.js';

export interface WireForwardRequest {
  readonly id: WireInteger;
  readonly body?: 'propose' | 'readIndex';
  readonly propose?: Uint8Array;
  readonly readIndex?: object;
}

export interface WireForwardResponse {
  readonly id: WireInteger;
  readonly outcome: number;
  readonly readIndex?: WireInteger;
}

const outcomes = { accepted: 1, readIndex: 2, notLeader: 3, busy: 4 } as const;

const requestOverheadBytes = 32;

/** An upper bound of the encoded size. */
export function requestBytes(request: ForwardRequest): number {
  return requestOverheadBytes + (request.type === 'propose' ? request.command.byteLength : 0);
}

/** An upper bound of the encoded size. */
export function responseBytes(): number {
  return 32;
}

export function encodeForwardRequest(request: ForwardRequest): WireForwardRequest {
  switch (request.type) {
    case 'propose':
      return { id: request.id, propose: request.command };
    case 'readIndex':
      return { id: request.id, readIndex: {} };
    default:
      return assertNever(request);
  }
}

export function decodeForwardRequest(wire: WireForwardRequest): ForwardRequest {
  const id = safeInteger(wire.id);
  switch (wire.body) {
    case 'propose':
      return { type: 'propose', id, command: wire.propose ?? malformed('a proposal without one') };
    case 'readIndex':
      return { type: 'readIndex', id };
    case undefined:
      return malformed('a request without a body');
    default:
      return assertNever(wire.body);
  }
}

export function encodeForwardResponse(response: ForwardResponse): WireForwardResponse {
  const { id, type } = response;
  return type === 'readIndex'
    ? { id, outcome: outcomes.readIndex, readIndex: response.readIndex }
    : { id, outcome: outcomes[type] };
}

export function decodeForwardResponse(wire: WireForwardResponse): ForwardResponse {
  const id = safeInteger(wire.id);
  switch (wire.outcome) {
    case outcomes.accepted:
      return { type: 'accepted', id };
    case outcomes.readIndex:
      return { type: 'readIndex', id, readIndex: logIndex(safeInteger(wire.readIndex ?? 0)) };
    case outcomes.notLeader:
      return { type: 'notLeader', id };
    case outcomes.busy:
      return { type: 'busy', id };
    default:
      return malformed(`an unknown outcome ${wire.outcome}`);
  }
}
