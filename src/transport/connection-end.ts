import { type StatusObject, status } from '@grpc/grpc-js';

/**
 * - `lost`: the peer's host ended or refused it, which is evidence that the peer's process is gone.
 * - `silent`: nothing was heard for too long, which is evidence of nothing.
 * - `refused`: one side does not accept the other; another try meets the same answer.
 * - `broken`: one side did not understand the other, or has replaced this connection.
 */
export interface ConnectionEnd {
  readonly type: 'lost' | 'silent' | 'refused' | 'broken';
  readonly reason: string;
}

/**
 * Only what the peer's own words rule out is not taken as a loss: a process that dies can be seen as
 * any of UNAVAILABLE, CANCELLED, INTERNAL and UNKNOWN, by what of it is noticed first.
 */
export function connectionEnd({ code, details }: StatusObject): ConnectionEnd {
  switch (code) {
    case status.FAILED_PRECONDITION:
      return { type: 'refused', reason: details };
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
