import { AssertionError } from '../assert.js';
import { errorTable } from '../command/errors.js';
import type { Logger } from '../logger.js';
import { UnavailableError } from '../member/coordinator.js';
import { ApiError } from '../service/api-error.js';
import type { ServiceContext } from '../service/service-context.js';
import { statusOf } from './error-json.js';
import { errorReply, later, limitReply, unavailableReply } from './replies.js';
import type { TextResponse } from './server/api-response.js';

/**
 * The answer to a request that failed. An AssertionError is thrown again: it must stop the process.
 * The error of a malformed request has `malformedIndex` in place of the current etcd index.
 */
export function failureReply(
  context: Pick<ServiceContext, 'coordinator' | 'events' | 'refusedRequests'>,
  logger: Logger,
  error: unknown,
  malformedIndex: number | undefined,
): TextResponse {
  const { coordinator } = context;
  const { etcdIndex } = coordinator.state;
  if (error instanceof ApiError) {
    const told = error.toCommandError(malformedIndex ?? etcdIndex);
    if (statusOf(told) !== 503) {
      const reply = errorReply(coordinator, told);
      const { retryAfterSeconds } = error;
      return retryAfterSeconds === undefined ? reply : later(reply, retryAfterSeconds);
    }
    tell(context, 'limit', error.message);
    return limitReply(coordinator, told, error.retryAfterSeconds);
  }
  if (error instanceof UnavailableError) {
    tell(context, 'unavailable', error.message);
    return unavailableReply(coordinator, error);
  }
  if (error instanceof AssertionError) throw error;
  logger.error({ err: error }, 'a request failed unexpectedly');
  const { errorCode } = errorTable.raftInternal;
  return errorReply(coordinator, { errorCode, cause: 'unexpected; see the log', index: etcdIndex });
}

function tell(
  { events, refusedRequests }: Pick<ServiceContext, 'events' | 'refusedRequests'>,
  kind: 'limit' | 'unavailable',
  reason: string,
): void {
  events.record({ type: 'requestsRefused', reason });
  refusedRequests.tell(kind, { reason });
}
