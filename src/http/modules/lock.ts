import type { LockSpace, ReleaseCommand, RenewCommand } from '../../command/command.js';
import type { PlaceView } from '../../member/state-view.js';
import { ApiError } from '../api-error.js';
import type { FaceContext } from '../context.js';
import type { FaceRequest } from '../face-request.js';
import { jsonType, type TextResponse, textType } from '../face-response.js';
import { booleanParameter } from '../parameters.js';
import { errorReply, stateReply } from '../replies.js';
import { answerAcquire } from './acquisition.js';
import { nameOf, onePlaceOf, placeOf, timeoutMsOf, ttlMsOf } from './module-parameters.js';
import { queueJson } from './queue-json.js';

const space: LockSpace = 'lock';

export const lockMethods = ['HEAD', 'GET', 'PUT', 'POST', 'DELETE'] as const;

export async function serveLock(context: FaceContext, request: FaceRequest): Promise<TextResponse> {
  switch (request.method) {
    case 'POST':
      return await takePlace(context, request);
    case 'PUT':
      return await renew(context, request);
    case 'DELETE':
      return await release(context, request);
    default:
      return await showHolder(context, request);
  }
}

function takePlace(context: FaceContext, request: FaceRequest): Promise<TextResponse> {
  const { parameters, receivedAt, signal } = request;
  return answerAcquire(context, {
    space,
    name: nameOf(request),
    value: parameters.get('value') ?? '',
    ttlMs: ttlMsOf(parameters),
    timeoutMs: timeoutMsOf(parameters),
    receivedAt,
    signal,
  });
}

function renew(context: FaceContext, request: FaceRequest): Promise<TextResponse> {
  const name = nameOf(request);
  const ttlMs = ttlMsOf(request.parameters);
  return propose(context, { type: 'renew', space, name, ttlMs, ...placeOf(request.parameters) });
}

function release(context: FaceContext, request: FaceRequest): Promise<TextResponse> {
  const name = nameOf(request);
  return propose(context, { type: 'release', space, name, ...onePlaceOf(request.parameters) });
}

/** Both answer with nothing but their success. */
export async function propose(
  { coordinator, requestTimeoutMs }: FaceContext,
  command: RenewCommand | ReleaseCommand,
): Promise<TextResponse> {
  const { result } = await coordinator.propose(command, requestTimeoutMs);
  if (result.type === 'error') return errorReply(coordinator, result.error);
  return stateReply(coordinator, 200, coordinator.state.etcdIndex, textType, '');
}

async function showHolder(context: FaceContext, request: FaceRequest): Promise<TextResponse> {
  const name = nameOf(request);
  const field = fieldOf(request);
  await readBarrier(context, request);
  const { coordinator } = context;
  if (acceptsJson(request)) {
    const queue = coordinator.state.queue(space, name);
    return stateReply(
      coordinator,
      200,
      coordinator.state.etcdIndex,
      jsonType,
      queueJson(queue, coordinator.clock.now()),
    );
  }
  const holder = coordinator.state.holder(space, name);
  return stateReply(
    coordinator,
    200,
    coordinator.state.etcdIndex,
    textType,
    holder === undefined ? '' : field(holder),
  );
}

/** Unless the client says `quorum=false`, what it reads is not older than its request. */
export async function readBarrier(
  { coordinator, requestTimeoutMs }: FaceContext,
  { parameters }: FaceRequest,
): Promise<void> {
  const quorum = booleanParameter(parameters, 'quorum', 'invalid value for "quorum"');
  if (quorum !== false) await coordinator.readBarrier(requestTimeoutMs);
}

function fieldOf({ parameters }: FaceRequest): (holder: PlaceView) => string {
  const field = parameters.get('field') ?? 'value';
  if (field === 'value') return (holder) => holder.value;
  if (field === 'index') return (holder) => String(holder.index);
  throw new ApiError('invalidField', 'field must be "value" or "index"');
}

function acceptsJson({ headers }: FaceRequest): boolean {
  return headers.accept?.toLowerCase().includes(jsonType) ?? false;
}
