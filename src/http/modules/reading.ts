import type { LockSpace } from '../../command/lock-path.js';
import { holderChangesOf } from '../../lock/change-source.js';
import { ApiError } from '../../service/api-error.js';
import type { ServiceContext } from '../../service/service-context.js';
import type { QueueEntryView } from '../../view/queue-entry.js';
import { errorReply, stateHeaders, stateReply } from '../replies.js';
import type { ApiRequest } from '../server/api-request.js';
import { type ApiResponse, jsonType, textType } from '../server/api-response.js';
import type { Parameters } from '../server/form.js';
import { HolderSource } from './holder-stream.js';
import { indexOf, nameOf } from './module-parameters.js';
import { listNames, namesAll } from './name-list.js';
import { queueReply } from './queue-reply.js';
import { accepts, knownIndexOf, readBarrier, waitForChange, waitOf } from './read-options.js';
import { eventStream, eventStreamType } from './server-sent-events.js';

/** Shows one lock or election; or lists the names, when the path has none. */
export async function show(
  context: ServiceContext,
  request: ApiRequest,
  space: LockSpace,
): Promise<ApiResponse> {
  if (namesAll(request)) return await listNames(context, request, space);
  return await showHolder(context, request, space);
}

/**
 * Shows the holder of a lock or an election; with `wait`, after it has changed. With `index` it
 * answers 404 unless that queue entry holds: so a client checks that it still holds.
 */
async function showHolder(
  context: ServiceContext,
  request: ApiRequest,
  space: LockSpace,
): Promise<ApiResponse> {
  const { coordinator, wallClock } = context;
  const { state } = coordinator;
  const name = nameOf(request);
  const field = fieldOf(request.parameters);
  const index = indexOf(request.parameters);
  const forbids = forbidsOf(request.parameters, index);
  const wait = waitOf(request.parameters);
  if (accepts(request, eventStreamType) && request.method === 'GET') {
    const knownUpTo = knownIndexOf(request);
    if (knownUpTo === undefined) await readBarrier(context, request);
    const source = new HolderSource(state, { space, name }, wallClock, knownUpTo);
    const headers = stateHeaders(coordinator, state.etcdIndex);
    return eventStream(headers, source, context, request);
  }
  await readBarrier(context, request);
  if (wait !== undefined) {
    await waitForChange(context, request, holderChangesOf(state.locks, { space, name }), wait);
  }
  const shownEntry =
    index === undefined
      ? state.locks.holder(space, name)
      : state.locks.queueEntry(space, name, index);
  if (index !== undefined && shownEntry?.holds !== true) {
    const who = state.locks.holder(space, name)?.index ?? 'nobody';
    const cause = `place ${index} does not hold ${name}; its holder: ${who}`;
    const error = new ApiError('keyNotFound', cause);
    if (!forbids) throw error;
    return { ...errorReply(coordinator, error.toCommandError(state.etcdIndex)), status: 403 };
  }
  if (accepts(request, jsonType)) return queueReply(context, request.method, { space, name });
  const shown = shownEntry === undefined ? '' : field(shownEntry);
  return stateReply(coordinator, 200, state.etcdIndex, textType, shown);
}

/**
 * Whether 403 is said instead of 404: a proxy that asks for permission takes that for a no, and any
 * other error for a fault.
 */
function forbidsOf(parameters: Parameters, index: number | undefined): boolean {
  const status = parameters.get('deny');
  if (status === undefined) return false;
  if (status !== '403') throw new ApiError('invalidField', 'deny must be 403');
  if (index !== undefined) return true;
  throw new ApiError('invalidField', 'deny needs the index of the place that has to hold');
}

function fieldOf(parameters: Parameters): (holder: QueueEntryView) => string {
  const field = parameters.get('field') ?? 'value';
  if (field === 'value') return (holder) => holder.value;
  if (field === 'index') return (holder) => String(holder.index);
  throw new ApiError('invalidField', 'field must be "value" or "index"');
}
