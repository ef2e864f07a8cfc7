import { assert } from '../../assert.js';
import type { CommandResult } from '../../command/command-result.js';
import { errorTable } from '../../command/errors.js';
import type { NodeEvent, NodeView } from '../../command/event.js';
import type { Identity } from '../../command/identity.js';
import type { KeyCommand } from '../../command/keys.js';
import type { Coordinator } from '../../member/coordinator.js';
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
      return write(context, askerOf(request, keyRequest), putCommand(keyRequest));
    case 'POST':
      return write(context, askerOf(request, keyRequest), postCommand(keyRequest));
    case 'DELETE':
      return write(context, askerOf(request, keyRequest), deleteCommand(keyRequest));
    default:
      return get(context, request, keyRequest).catch(askToRepeat);
  }
}

async function get(
  context: KeysContext,
  { method, identity }: ApiRequest,
  keyRequest: KeyRequest,
): Promise<ApiResponse> {
  if (keyRequest.wait) return watchReply(context, keyRequest, identity);
  return read(context, method, readOf(keyRequest));
}

/** After 300 and 301 clients of etcd repeat their request; they do not know 302. */
function askToRepeat(error: unknown): never {
  if (error instanceof ApiError && error.error === 'tooManyWaiting') {
    throw new ApiError('leaderElect', error.cause);
  }
  throw error;
}

function write(context: ServiceContext, asker: Asker, command: KeyCommand): Promise<ApiResponse> {
  const { identity } = asker;
  return context.coordinator
    .propose(command, context.requestTimeoutMs, identity && { identity })
    .then(({ result }) => writeReply(context, asker, result));
}

/** What an answer needs to know of its request. */
interface Asker {
  readonly identity: Identity | undefined;
  readonly path: string;
  readonly noValueOnSuccess: boolean;
}

function askerOf({ identity }: ApiRequest, { path, noValueOnSuccess }: KeyRequest): Asker {
  return { identity, path, noValueOnSuccess };
}

function writeReply(
  { coordinator, wallClock }: ServiceContext,
  asker: Asker,
  outcome: CommandResult,
): ApiResponse {
  const result = mayRead(coordinator, asker) ? outcome : withoutOldValue(outcome);
  if (result.type === 'error') return errorReply(coordinator, result.error);
  assert(result.type === 'event', `a write ends with an event, not with ${result.type}`);
  const { event, etcdIndex } = result;
  const status = isCreation(event) ? 201 : 200;
  const omits = asker.noValueOnSuccess && mayOmitValue(event);
  const body = omits ? actionJson(event) : eventJson(event, wallClock);
  return stateReply(coordinator, status, etcdIndex, jsonType, body);
}

/** Whoever may only write is not told what was there before, nor what a refresh has kept. */
function mayRead({ state }: Coordinator, { identity, path }: Asker): boolean {
  return (
    !state.auth.enabled ||
    state.auth.allows(identity, { type: 'key', action: 'read', path, recursive: false })
  );
}

function withoutOldValue(result: CommandResult): CommandResult {
  if (result.type === 'error') {
    const { errorCode } = errorTable.testFailed;
    if (result.error.errorCode !== errorCode) return result;
    return { ...result, error: { ...result.error, cause: 'the old value may not be read' } };
  }
  if (result.type !== 'event') return result;
  const { event } = result;
  const node = event.refresh === true ? withoutValue(event.node) : event.node;
  if (event.prevNode === undefined) return { ...result, event: { ...event, node } };
  return { ...result, event: { ...event, node, prevNode: withoutValue(event.prevNode) } };
}

function withoutValue({ value: _, ...kept }: NodeView): NodeView {
  return kept;
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
