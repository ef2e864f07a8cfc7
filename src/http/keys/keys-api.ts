import { assert } from '../../assert.js';
import type { KeyCommand } from '../../command/command.js';
import type { NodeEvent } from '../../command/event.js';
import type { CommandError } from '../../command/result.js';
import type { ApiContext } from '../context.js';
import { errorReply, stateReply } from '../replies.js';
import type { ApiRequest } from '../server/api-request.js';
import { type ApiResponse, jsonType } from '../server/api-response.js';
import { actionJson, eventJson, isCreation } from './event-json.js';
import { deleteCommand, postCommand, putCommand } from './key-command.js';
import { type KeyRequest, parseKeyRequest } from './key-request.js';
import { listingReply } from './listing-reply.js';
import { type KeysContext, watchReply } from './watch-reply.js';

export const keyMethods = ['HEAD', 'GET', 'PUT', 'POST', 'DELETE'] as const;

export async function serveKeys(context: KeysContext, request: ApiRequest): Promise<ApiResponse> {
  const keyRequest = parseKeyRequest(request);
  switch (request.method) {
    case 'PUT':
      return await write(context, keyRequest, putCommand(keyRequest));
    case 'POST':
      return await write(context, keyRequest, postCommand(keyRequest));
    case 'DELETE':
      return await write(context, keyRequest, deleteCommand(keyRequest));
    default:
      if (keyRequest.wait) return watchReply(context, keyRequest);
      return await read(context, request, keyRequest);
  }
}

async function write(
  { coordinator, wallClock, requestTimeoutMs }: ApiContext,
  request: KeyRequest,
  command: KeyCommand,
): Promise<ApiResponse> {
  const { result } = await coordinator.propose(command, requestTimeoutMs);
  if (result.type === 'error') return errorReply(coordinator, result.error);
  assert(result.type === 'event', `${command.type} ends with an event, not with ${result.type}`);
  const { event, etcdIndex } = result;
  const status = isCreation(event) ? 201 : 200;
  const body = omitsValue(request, event) ? actionJson(event) : eventJson(event, wallClock);
  return stateReply(coordinator, status, etcdIndex, jsonType, body);
}

function omitsValue({ noValueOnSuccess }: KeyRequest, { action }: NodeEvent): boolean {
  if (!noValueOnSuccess) return false;
  return (
    action === 'set' || action === 'compareAndSwap' || action === 'create' || action === 'update'
  );
}

async function read(
  context: ApiContext,
  { method }: ApiRequest,
  { path, recursive, sorted, hidden, quorum }: KeyRequest,
): Promise<ApiResponse> {
  const { coordinator, wallClock, requestTimeoutMs } = context;
  if (quorum) await coordinator.readBarrier(requestTimeoutMs);
  const { state } = coordinator;
  if (state.isHeavy(path, recursive)) {
    return listingReply(context, method, path, { recursive, sorted, hidden });
  }
  const found = state.get(path, { recursive, sorted, hidden });
  if (isError(found)) return errorReply(coordinator, found);
  return stateReply(coordinator, 200, state.etcdIndex, jsonType, eventJson(found, wallClock));
}

function isError(found: NodeEvent | CommandError): found is CommandError {
  return 'errorCode' in found;
}
