import { assertNever } from '../../assert.js';
import { errorTable } from '../../command/errors.js';
import { type AcquireOutcome, type AcquireRequest, acquire } from '../../lock/acquire.js';
import { holdConnection } from '../../lock/connection-hold.js';
import type { ApiContext } from '../context.js';
import { errorReply, stateHeaders, stateReply, unavailableReply } from '../replies.js';
import type { ApiRequest } from '../server/api-request.js';
import { type ApiResponse, type TextResponse, textType } from '../server/api-response.js';

/** The body is the index alone, without a newline: it is the fencing token. */
export async function acquireReply(
  context: ApiContext,
  apiRequest: ApiRequest,
  request: AcquireRequest,
): Promise<ApiResponse> {
  // A dead client would hold up the queue behind it for its TTL.
  if (request.holdsConnection || request.timeoutMs > 0) apiRequest.detectDeadPeer(request);
  if (request.holdsConnection) return await holdReply(context, request);
  return outcomeReply(context, request, await acquireIn(context, request));
}

/** The answer lasts as long as the lock is held, and counts as a waiting request for as long. */
async function holdReply(context: ApiContext, request: AcquireRequest): Promise<ApiResponse> {
  const { coordinator, locks, waitLimit } = context;
  const release = waitLimit.enter();
  let outcome: AcquireOutcome | undefined;
  try {
    outcome = await acquire(locks, request);
  } finally {
    if (outcome?.type !== 'held') release();
  }
  if (outcome.type !== 'held') return outcomeReply(context, request, outcome);
  const { index } = outcome;
  const ended = holdConnection(locks, outcome, request.signal);
  return {
    type: 'stream',
    status: 200,
    headers: {
      ...stateHeaders(coordinator, coordinator.state.etcdIndex),
      'Content-Type': textType,
    },
    start: (sink) => {
      // The newline lets a shell read the line before the answer ends.
      sink.write(`${index}\n`);
      void ended.then(() => sink.end());
    },
    onEnd: release,
  };
}

/** At the limit of waiting requests, a free lock is still granted and a held one still renewed. */
async function acquireIn(
  { locks, waitLimit }: ApiContext,
  request: AcquireRequest,
): Promise<AcquireOutcome> {
  if (request.timeoutMs === 0) return await acquire(locks, request);
  if (waitLimit.isReached) {
    const outcome = await acquire(locks, { ...request, timeoutMs: 0 });
    if (wouldWait(outcome)) throw waitLimit.refusal();
    return outcome;
  }
  const release = waitLimit.enter();
  try {
    return await acquire(locks, request);
  } finally {
    release();
  }
}

function wouldWait(outcome: AcquireOutcome): boolean {
  if (outcome.type !== 'refused') return false;
  return outcome.error.errorCode === errorTable.lockNotAcquired.errorCode;
}

function outcomeReply(
  { coordinator }: ApiContext,
  { name, timeoutMs }: AcquireRequest,
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
