import { assertNever } from '../../assert.js';
import { errorTable } from '../../command/errors.js';
import { type AcquireOutcome, type AcquireRequest, acquire } from '../../lock/acquire.js';
import { holdConnection } from '../../lock/connection-hold.js';
import type { HeldLock } from '../../lock/lock-handle.js';
import type { ServiceContext } from '../../service/service-context.js';
import { errorReply, stateHeaders, stateReply, unavailableReply } from '../replies.js';
import type { ApiRequest } from '../server/api-request.js';
import {
  type ApiResponse,
  type StreamResponse,
  type TextResponse,
  textType,
} from '../server/api-response.js';

/**
 * The body is the index alone, without a newline: it is the fencing token. Nothing here awaits
 * while it refers to the request, because its value may be large and the wait long.
 */
export async function acquireReply(
  context: ServiceContext,
  apiRequest: ApiRequest,
  request: AcquireRequest,
): Promise<ApiResponse> {
  // A dead client would hold up the queue behind it for its TTL.
  if (request.holdsConnection || request.timeoutMs > 0) apiRequest.detectDeadPeer(request);
  if (request.holdsConnection) return holdReply(context, request);
  const { name, timeoutMs } = request;
  return acquireIn(context, request).then((outcome) =>
    outcomeReply(context, { name, timeoutMs }, outcome),
  );
}

/** The answer lasts as long as the lock is held, and counts as a waiting request for as long. */
function holdReply(context: ServiceContext, request: AcquireRequest): Promise<ApiResponse> {
  const { waitLimit } = context;
  const { name, timeoutMs, signal } = request;
  const release = waitLimit.enter();
  return acquire(context, request).then(
    (outcome) => {
      if (outcome.type === 'held') return heldReply(context, outcome, signal, release);
      release();
      return outcomeReply(context, { name, timeoutMs }, outcome);
    },
    (error: unknown) => {
      release();
      throw error;
    },
  );
}

function heldReply(
  context: ServiceContext,
  held: HeldLock,
  signal: AbortSignal,
  release: () => void,
): StreamResponse {
  const { coordinator } = context;
  const ended = holdConnection(context, held, signal);
  return {
    type: 'stream',
    status: 200,
    waits: true,
    headers: {
      ...stateHeaders(coordinator, coordinator.state.etcdIndex),
      'Content-Type': textType,
    },
    start: (sink) => {
      // The newline lets a shell read the line before the answer ends.
      sink.write(`${held.index}\n`);
      void ended.then(() => sink.end());
    },
    onEnd: release,
  };
}

/** At the limit of waiting requests, a free lock is still granted and a held one still renewed. */
function acquireIn(context: ServiceContext, request: AcquireRequest): Promise<AcquireOutcome> {
  const { waitLimit } = context;
  if (request.timeoutMs === 0) return acquire(context, request);
  if (waitLimit.isReached) {
    return acquire(context, { ...request, timeoutMs: 0 }).then((outcome) => {
      if (wouldWait(outcome)) throw waitLimit.refusal();
      return outcome;
    });
  }
  const release = waitLimit.enter();
  return acquire(context, request).finally(release);
}

function wouldWait(outcome: AcquireOutcome): boolean {
  if (outcome.type !== 'refused') return false;
  return outcome.error.errorCode === errorTable.lockNotAcquired.errorCode;
}

function outcomeReply(
  { coordinator }: ServiceContext,
  { name, timeoutMs }: Pick<AcquireRequest, 'name' | 'timeoutMs'>,
  outcome: AcquireOutcome,
): TextResponse {
  const index = coordinator.state.etcdIndex;
  switch (outcome.type) {
    case 'held':
      return stateReply(coordinator, 200, index, textType, String(outcome.index));
    case 'refused':
      return errorReply(coordinator, outcome.error);
    case 'timedOut': {
      const cause = `${name} was not free within ${timeoutMs / 1000} s`;
      return errorReply(coordinator, {
        errorCode: errorTable.lockNotAcquired.errorCode,
        cause,
        index,
      });
    }
    case 'removed': {
      const cause = `place ${outcome.index} of ${name} was deleted or has expired`;
      return errorReply(coordinator, { errorCode: errorTable.keyNotFound.errorCode, cause, index });
    }
    case 'unavailable':
      return unavailableReply(
        coordinator,
        'no leader in time; if the request still takes effect, its place is given up at once',
      );
    case 'abandoned':
      return unavailableReply(coordinator, 'this member stops; the place is given up');
    default:
      return assertNever(outcome);
  }
}
