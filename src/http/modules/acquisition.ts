import { assertNever } from '../../assert.js';
import { errorTable } from '../../command/errors.js';
import { type AcquireOutcome, type AcquireRequest, acquire } from '../../lock/acquire.js';
import type { FaceContext } from '../context.js';
import { type TextResponse, textType } from '../face-response.js';
import { errorReply, stateReply, unavailableReply } from '../replies.js';

/** The body is the index alone, without a line end: it is the fencing token. */
export async function answerAcquire(
  context: FaceContext,
  request: AcquireRequest,
): Promise<TextResponse> {
  const outcome = await acquire(context.locks, request);
  return outcomeReply(context, request, outcome);
}

function outcomeReply(
  { coordinator }: FaceContext,
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
