import { errorTable } from '../command/errors.js';
import type { Coordinator, UnavailableError } from '../member/coordinator.js';
import { errorJson, type PlacedError, statusOf } from './error-json.js';
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
export function errorReply(coordinator: Coordinator, error: PlacedError): TextResponse {
  return textResponse(statusOf(error), jsonType, errorJson(error), {
    'X-Etcd-Cluster-Id': coordinator.status().clusterId,
    'X-Etcd-Index': error.index,
  });
}

export function unavailableReply(coordinator: Coordinator, cause: string): TextResponse {
  const { errorCode } = errorTable.leaderElect;
  return later(errorReply(coordinator, { errorCode, cause, index: coordinator.state.etcdIndex }));
}

/** Asks the client to retry, by default after a second. */
export function later(reply: TextResponse, seconds = 1): TextResponse {
  return { ...reply, headers: { ...reply.headers, 'Retry-After': seconds } };
}

export function unavailableCause(error: UnavailableError): string {
  const effect =
    error.outcome === 'none'
      ? 'it has no effect'
      : 'it may still take effect, so read before a retry';
  return `${error.message}; ${effect}`;
}
