import type { Identity } from '../../command/identity.js';
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
  forcedOf,
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
  DELETE: ['index', 'value', 'force'],
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
  const value = parameters.get('value') ?? '';
  return acquireReply(context, request, {
    space,
    name: nameOf(request),
    value,
    client: value === '' ? request.clientAddress : undefined,
    identity: request.identity,
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
  const command = { type: 'renew', space, name, ttlMs, ...entryOf(request.parameters) } as const;
  return propose(context, command, request.identity);
}

function release(context: ServiceContext, request: ApiRequest): Promise<TextResponse> {
  const name = nameOf(request);
  const entry = oneEntryOf(request.parameters);
  const forced = forcedOf(request.parameters);
  return releaseReply(context, request, { type: 'release', space, name, ...entry, forced });
}

/** One who loses a lock by force will ask who did it, so this member remembers the address. */
export function releaseReply(
  context: ServiceContext,
  { clientAddress, identity }: ApiRequest,
  command: ReleaseCommand,
): Promise<TextResponse> {
  const { space, name, index } = command;
  const value = command.value ?? ownerOf(context, command);
  return propose(context, command, identity).then((reply) => {
    if (command.forced === true && reply.status === 200) {
      const what = { type: 'forcedRelease', space, name, index, value } as const;
      context.events.record({ ...what, client: clientAddress });
    }
    return reply;
  });
}

function ownerOf({ coordinator }: ServiceContext, { space, name, index }: ReleaseCommand): string {
  if (index === undefined) return '';
  return coordinator.state.locks.queueEntry(space, name, index)?.value ?? '';
}

/** A renewal and a release answer with an empty body. */
function propose(
  { coordinator, requestTimeoutMs }: ServiceContext,
  command: RenewCommand | ReleaseCommand,
  identity: Identity | undefined,
): Promise<TextResponse> {
  return coordinator.propose(command, requestTimeoutMs, { identity }).then(({ result }) => {
    if (result.type === 'error') return errorReply(coordinator, result.error);
    return stateReply(coordinator, 200, coordinator.state.etcdIndex, textType, '');
  });
}
