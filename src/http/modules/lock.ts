import type { LockSpace } from '../../command/lock-path.js';
import type { ReleaseCommand, RenewCommand } from '../../command/locks.js';
import type { ServiceContext } from '../../service/service-context.js';
import { errorReply, stateReply } from '../replies.js';
import type { ApiRequest } from '../server/api-request.js';
import { type ApiResponse, type TextResponse, textType } from '../server/api-response.js';
import { acquireReply } from './acquire-reply.js';
import { type ChangeParameters, ofAcquire } from './known-parameters.js';
import {
  entryOf,
  holdOf,
  holdsConnectionOf,
  indexOf,
  keepsPlaceOf,
  nameOf,
  oneEntryOf,
  timeoutMsOf,
  ttlMsOf,
} from './module-parameters.js';
import { show } from './reading.js';

const space: LockSpace = 'lock';

export const lockParameters: ChangeParameters = {
  POST: ['value', ...ofAcquire],
  PUT: ['ttl', 'index', 'value'],
  DELETE: ['index', 'value'],
};

export const lockMethods = ['HEAD', 'GET', 'PUT', 'POST', 'DELETE'] as const;

export async function serveLock(
  context: ServiceContext,
  request: ApiRequest,
): Promise<ApiResponse> {
  switch (request.method) {
    case 'POST':
      return acquireLock(context, request);
    case 'PUT':
      return renew(context, request);
    case 'DELETE':
      return release(context, request);
    default:
      return show(context, request, space);
  }
}

function acquireLock(context: ServiceContext, request: ApiRequest): Promise<ApiResponse> {
  const { parameters, receivedAt, signal, closing } = request;
  return acquireReply(context, request, {
    space,
    name: nameOf(request),
    value: parameters.get('value') ?? '',
    ttlMs: ttlMsOf(parameters),
    ...holdOf(space, parameters),
    timeoutMs: timeoutMsOf(parameters),
    holdsConnection: holdsConnectionOf(parameters),
    index: indexOf(parameters),
    keepsPlace: keepsPlaceOf(parameters),
    receivedAt,
    signal,
    stopping: closing,
  });
}

function renew(context: ServiceContext, request: ApiRequest): Promise<TextResponse> {
  const name = nameOf(request);
  const ttlMs = ttlMsOf(request.parameters);
  return propose(context, { type: 'renew', space, name, ttlMs, ...entryOf(request.parameters) });
}

function release(context: ServiceContext, request: ApiRequest): Promise<TextResponse> {
  const name = nameOf(request);
  return propose(context, { type: 'release', space, name, ...oneEntryOf(request.parameters) });
}

/** A renewal and a release answer with an empty body. */
export function propose(
  { coordinator, requestTimeoutMs }: ServiceContext,
  command: RenewCommand | ReleaseCommand,
): Promise<TextResponse> {
  return coordinator.propose(command, requestTimeoutMs).then(({ result }) => {
    if (result.type === 'error') return errorReply(coordinator, result.error);
    return stateReply(coordinator, 200, coordinator.state.etcdIndex, textType, '');
  });
}
