import { assertNever } from '../../assert.js';
import { errorTable } from '../../command/errors.js';
import { heldCause, holdersText, namedHoldersMax } from '../../command/holders-text.js';
import { type AcquireOutcome, type AcquireRequest, acquire } from '../../lock/acquire.js';
import { holdConnection } from '../../lock/connection-hold.js';
import type { HeldLock } from '../../lock/lock-handle.js';
import type { ServiceContext } from '../../service/service-context.js';
import { errorReply, later, stateHeaders, stateReply } from '../replies.js';
import type { ApiRequest } from '../server/api-request.js';
import {
  type ApiResponse,
  type StreamResponse,
  type TextResponse,
  textType,
} from '../server/api-response.js';
import { progressMsOf } from './progress.js';

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
  if (request.holdsConnection || request.timeoutMs > 0) {
    const { ttlMs, holdsConnection } = request;
    const hasProgress = progressMsOf(apiRequest.parameters) !== undefined;
    apiRequest.detectDeadPeer({ ttlMs, holdsConnection, hasProgress });
  }
  if (request.holdsConnection) return holdReply(context, request);
  const asked = askedOf(request);
  return acquireIn(context, request).then((outcome) => outcomeReply(context, asked, outcome));
}

/** The answer lasts as long as the lock is held, and counts as a waiting request for as long. */
function holdReply(context: ServiceContext, request: AcquireRequest): Promise<ApiResponse> {
  const { waitLimit } = context;
  const { signal, identity } = request;
  const asked = askedOf(request);
  const release = waitLimit.enter();
  return acquire(context, request).then(
    (outcome) => {
      if (outcome.type === 'held')
        return heldReply(context, outcome, { signal, identity }, release);
      release();
      return outcomeReply(context, asked, outcome);
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
  request: Pick<AcquireRequest, 'signal' | 'identity'>,
  release: () => void,
): StreamResponse {
  const { coordinator } = context;
  const ended = holdConnection(context, held, request);
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

interface Asked extends Pick<AcquireRequest, 'space' | 'name' | 'ttlMs' | 'keepsPlace'> {
  readonly hasValue: boolean;
}

/** What the answer tells of the request; its value may be large. */
function askedOf({ space, name, ttlMs, keepsPlace, value }: AcquireRequest): Asked {
  return { space, name, ttlMs, keepsPlace, hasValue: value !== '' };
}

function outcomeReply(
  context: ServiceContext,
  asked: Asked,
  outcome: AcquireOutcome,
): TextResponse {
  const { coordinator } = context;
  const index = coordinator.state.etcdIndex;
  switch (outcome.type) {
    case 'held':
      return stateReply(coordinator, 200, index, textType, String(outcome.index));
    case 'refused':
      return errorReply(coordinator, outcome.error);
    case 'timedOut': {
      const cause = heldCause(asked.name, holdersNow(context, asked));
      const error = { errorCode: errorTable.lockNotAcquired.errorCode, cause, index };
      return errorReply(coordinator, { ...error, ...keptPlace(asked, outcome.index) });
    }
    case 'removed': {
      const cause = `place ${outcome.index} of ${asked.name} was deleted or has expired`;
      return errorReply(coordinator, { errorCode: errorTable.keyNotFound.errorCode, cause, index });
    }
    case 'unavailable':
      return goneReply(
        context,
        `${unavailability(context)}; if the request still takes effect, its place ${
          asked.keepsPlace ? 'stays for its ttl' : 'is given up at once'
        }`,
        keptPlace(asked, outcome.index),
      );
    case 'handedOver':
      return goneReply(
        context,
        `this member stops; place ${outcome.index} stays for its ttl: ask another member with ${wayBack(asked, outcome.index)}`,
        { place: outcome.index },
      );
    case 'abandoned':
      return goneReply(context, 'this member stops: ask another member', {});
    default:
      return assertNever(outcome);
  }
}

function wayBack({ space, hasValue }: Asked, index: number): string {
  if (!hasValue) return `index=${index}`;
  return `the same ${space === 'leader' ? 'name' : 'value'}, or with index=${index}`;
}

function holdersNow({ coordinator }: ServiceContext, { space, name }: Asked): string {
  const { locks } = coordinator.state;
  const named = locks.holders(space, name, namedHoldersMax).map((holder) => holder.index);
  return holdersText(named, locks.queueSize(space, name).holding);
}

interface KeptPlace {
  readonly place?: number;
}

function keptPlace({ keepsPlace }: Asked, index: number | undefined): KeptPlace {
  return keepsPlace && index !== undefined ? { place: index } : {};
}

/** Who is missing, as this member sees it. */
function unavailability({ coordinator }: ServiceContext): string {
  if (coordinator.status().leaderId !== undefined) return 'the leader has not answered in time';
  const contacts = [...coordinator.contacts().values()];
  if (contacts.length === 0) return 'no leader in time';
  const answering = contacts.filter(({ reachable }) => reachable).length;
  return `no leader in time: ${answering} of the ${contacts.length} other members answer this one`;
}

function goneReply({ coordinator }: ServiceContext, cause: string, kept: KeptPlace): TextResponse {
  const { errorCode } = errorTable.leaderElect;
  const index = coordinator.state.etcdIndex;
  return later(errorReply(coordinator, { errorCode, cause, index, ...kept }));
}
