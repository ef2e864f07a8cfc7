import { assert } from '../../assert.js';
import type { CommandResult } from '../../command/command-result.js';
import type { NodeEvent } from '../../command/event.js';
import type { KeyCommand } from '../../command/keys.js';
import { ApiError } from '../../service/api-error.js';
import type { ServiceContext } from '../../service/service-context.js';
import { errorReply, stateReply } from '../replies.js';
import type { ApiRequest } from '../server/api-request.js';
import { type ApiResponse, jsonType } from '../server/api-response.js';
import { actionJson, eventJson, isCreation } from './event-json.js';
import {
  deleteCommand,
  type KeyRequest,
  parseKeyRequest,
  postCommand,
  putCommand,
} from './key-request.js';
import { listingReply } from './listing-reply.js';
import { type KeysContext, watchReply } from './watch-reply.js';

export const keyMethods = ['HEAD', 'GET', 'PUT', 'POST', 'DELETE'] as const;

/**
 * Awaits nothing, so that the request and its command can be collected while the cluster is waited
 * for.
 */
export async function serveKeys(context: KeysContext, request: ApiRequest): Promise<ApiResponse> {
  const keyRequest = parseKeyRequest(request);
  switch (request.method) {
    case 'PUT':
      return write(context, keyRequest, putCommand(keyRequest));
    case 'POST':
      return write(context, keyRequest, postCommand(keyRequest));
    case 'DELETE':
      return write(context, keyRequest, deleteCommand(keyRequest));
    default:
      return get(context, request.method, keyRequest).catch(askToRepeat);
  }
}

async function get(
  context: KeysContext,
  method: string,
  keyRequest: KeyRequest,
): Promise<ApiResponse> {
  if (keyRequest.wait) return watchReply(context, keyRequest);
  return read(context, method, readOf(keyRequest));
}

/** After 300 and 301 clients of etcd repeat their request; they do not know 302. */
function askToRepeat(error: unknown): never {
  if (error instanceof ApiError && error.error === 'tooManyWaiting') {
    throw new ApiError('leaderElect', error.cause);
  }
  throw error;
}

function write(
  context: ServiceContext,
  { noValueOnSuccess }: KeyRequest,
  command: KeyCommand,
): Promise<ApiResponse> {
  return context.coordinator
    .propose(command, context.requestTimeoutMs)
    .then(({ result }) => writeReply(context, noValueOnSuccess, result));
}

function writeReply(
  { coordinator, wallClock }: ServiceContext,
  noValueOnSuccess: boolean,
  result: CommandResult,
): ApiResponse {
  if (result.type === 'error') return errorReply(coordinator, result.error);
  assert(result.type === 'event', `a write ends with an event, not with ${result.type}`);
  const { event, etcdIndex } = result;
  const status = isCreation(event) ? 201 : 200;
  const omits = noValueOnSuccess && mayOmitValue(event);
  const body = omits ? actionJson(event) : eventJson(event, wallClock);
  return stateReply(coordinator, status, etcdIndex, jsonType, body);
}

function mayOmitValue({ action }: NodeEvent): boolean {
  return (
    action === 'set' || action === 'compareAndSwap' || action === 'create' || action === 'update'
  );
}

type KeyRead = Pick<KeyRequest, 'path' | 'recursive' | 'sorted' | 'hidden' | 'quorum'>;

function readOf({ path, recursive, sorted, hidden, quorum }: KeyRequest): KeyRead {
  return { path, recursive, sorted, hidden, quorum };
}

async function read(
  context: KeysContext,
  method: string,
  { path, recursive, sorted, hidden, quorum }: KeyRead,
): Promise<ApiResponse> {
  const { coordinator, wallClock, requestTimeoutMs } = context;
  const isLinearizable = quorum ?? context.defaultRead === 'linearizable';
  if (isLinearizable) await coordinator.readBarrier(requestTimeoutMs);
  const { state } = coordinator;
  if (state.keys.isHeavy(path, recursive)) {
    return listingReply(context, method, path, { recursive, sorted, hidden });
  }
  const found = state.keys.get(path, { recursive, sorted, hidden });
  if (!found.ok) return errorReply(coordinator, found.error);
  return stateReply(coordinator, 200, state.etcdIndex, jsonType, eventJson(found.value, wallClock));
}
