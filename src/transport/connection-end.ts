import { type StatusObject, status } from '@grpc/grpc-js';
import type { PeerRefusal } from '../view/peer-contact.js';

/**
 * - `lost`: the peer's host ended or refused it, which is evidence that the peer's process is gone.
 * - `silent`: nothing was received for too long, which is no evidence that the process is gone.
 * - `refused`: one side does not accept the other; another attempt would be refused too.
 * - `broken`: one side did not understand the other, or has replaced this connection.
 */
export type ConnectionEnd = RefusedConnection | EndedConnection;

export interface RefusedConnection extends PeerRefusal {
  readonly type: 'refused';
}

export interface EndedConnection {
  readonly type: 'lost' | 'silent' | 'broken';
  readonly reason: string;
}

/**
 * Every end counts as a loss, unless the peer's own status says otherwise: the death of a process
 * can appear as any of UNAVAILABLE, CANCELLED, INTERNAL and UNKNOWN.
 */
export function connectionEnd({ code, details }: StatusObject): ConnectionEnd {
  switch (code) {
    case status.FAILED_PRECONDITION:
      return { type: 'refused', by: 'peer', reason: details };
    case status.NOT_FOUND:
      return { type: 'refused', by: 'peer', reason: details, isRemoval: true };
    case status.INVALID_ARGUMENT:
    case status.RESOURCE_EXHAUSTED:
    case status.UNIMPLEMENTED:
    case status.DEADLINE_EXCEEDED:
    case status.ABORTED:
      return { type: 'broken', reason: details };
    default:
      return { type: 'lost', reason: details };
  }
}
