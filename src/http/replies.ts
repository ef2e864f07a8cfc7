import { errorTable } from '../command/errors.js';
import type { Coordinator, UnavailableError } from '../member/coordinator.js';
import { type ErrorContent, errorJson, statusOf } from './error-json.js';
import {
  jsonType,
  type ResponseHeaders,
  type TextResponse,
  textResponse,
} from './server/api-response.js';

/** The headers of every answer of etcd's key API. */
export function stateHeaders(coordinator: Coordinator, etcdIndex: number): ResponseHeaders {
  const { clusterId, commitIndex, currentTerm } = coordinator.status();
  return {
    'Content-Type': jsonType,
    'X-Etcd-Cluster-Id': clusterId,
    'X-Etcd-Index': etcdIndex,
    'X-Raft-Index': commitIndex,
    'X-Raft-Term': currentTerm,
  };
}

/** The literal repeats `stateHeaders`: spreading would cost time on nearly every request. */
export function stateReply(
  coordinator: Coordinator,
  status: number,
  etcdIndex: number,
  contentType: string,
  body: string,
): TextResponse {
  const { clusterId, commitIndex, currentTerm } = coordinator.status();
  const headers = {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    'X-Etcd-Cluster-Id': clusterId,
    'X-Etcd-Index': etcdIndex,
    'X-Raft-Index': commitIndex,
    'X-Raft-Term': currentTerm,
  };
  return { type: 'text', status, headers, body };
}

/** Every error becomes an answer here. As in etcd, it has no Raft headers. */
export function errorReply(coordinator: Coordinator, error: ErrorContent): TextResponse {
  return textResponse(statusOf(error), jsonType, errorJson(error), {
    'X-Etcd-Cluster-Id': coordinator.status().clusterId,
    'X-Etcd-Index': error.index,
  });
}

export function unavailableReply(coordinator: Coordinator, error: UnavailableError): TextResponse {
  const { errorCode } = errorTable.leaderElect;
  const told = { errorCode, cause: causeOf(error), index: coordinator.state.etcdIndex };
  return later(errorReply(coordinator, error.outcome === 'none' ? withoutEffect(told) : told));
}

/** Too much is asked of this member at once, and nothing of this request was begun. */
export function limitReply(
  coordinator: Coordinator,
  error: ErrorContent,
  seconds: number | undefined,
): TextResponse {
  return later(errorReply(coordinator, withoutEffect(error)), seconds);
}

/** A client may send its request again, here or elsewhere, whatever it asks for. */
function withoutEffect(error: ErrorContent): ErrorContent {
  return { ...error, effect: 'none' };
}

/** Asks the client to retry, by default after a second. */
export function later(reply: TextResponse, seconds = 1): TextResponse {
  return { ...reply, headers: { ...reply.headers, 'Retry-After': seconds } };
}

function causeOf(error: UnavailableError): string {
  const effect =
    error.outcome === 'none'
      ? 'it has no effect'
      : 'it may still take effect, so read before a retry';
  return `${error.message}; ${effect}`;
}
