import type { LockSpace } from '../../command/command.js';
import { holderChange } from '../../lock/holder-change.js';
import type { PlaceView } from '../../member/state-view.js';
import { ApiError } from '../api-error.js';
import type { FaceContext } from '../context.js';
import type { FaceRequest } from '../face-request.js';
import { jsonType, type TextResponse, textType } from '../face-response.js';
import type { Parameters } from '../form.js';
import { booleanParameter, decimalParameter } from '../parameters.js';
import { stateReply, unavailableReply } from '../replies.js';
import { nameOf } from './module-parameters.js';
import { queueJson } from './queue-json.js';

/**
 * Who holds, of a lock or an election; with `wait`, when that has changed. With `index`, only if that
 * place holds: a client asks so whether it still does.
 */
export async function showHolder(
  context: FaceContext,
  request: FaceRequest,
  space: LockSpace,
): Promise<TextResponse> {
  const { coordinator } = context;
  const { state } = coordinator;
  const name = nameOf(request);
  const field = fieldOf(request.parameters);
  const index = indexOf(request.parameters);
  const wait = waitOf(request.parameters);
  await readBarrier(context, request);
  if (wait !== undefined) {
    const sinceIndex = wait.sinceIndex ?? state.etcdIndex + 1;
    const leave = context.waitingRoom.enter();
    const changed = await holderChange(state, { space, name }, sinceIndex, request.signal);
    leave();
    if (!changed) return unavailableReply(coordinator, 'this member stops');
  }
  const shownPlace =
    index === undefined ? state.holder(space, name) : state.place(space, name, index);
  if (index !== undefined && shownPlace?.holds !== true) {
    const who = state.holder(space, name)?.index ?? 'nobody';
    throw new ApiError('keyNotFound', `place ${index} does not hold ${name}; its holder: ${who}`);
  }
  if (accepts(request, jsonType)) {
    const json = queueJson(state, { space, name }, context.wallClock);
    return stateReply(coordinator, 200, state.etcdIndex, jsonType, json);
  }
  const shown = shownPlace === undefined ? '' : field(shownPlace);
  return stateReply(coordinator, 200, state.etcdIndex, textType, shown);
}

/** Unless the client says `quorum=false`, what it reads is not older than its request. */
async function readBarrier(
  { coordinator, requestTimeoutMs }: FaceContext,
  { parameters }: FaceRequest,
): Promise<void> {
  const quorum = booleanParameter(parameters, 'quorum', 'invalid value for "quorum"');
  if (quorum !== false) await coordinator.readBarrier(requestTimeoutMs);
}

interface Wait {
  /** Undefined: from now on. */
  readonly sinceIndex: number | undefined;
}

function waitOf(parameters: Parameters): Wait | undefined {
  const wait = booleanParameter(parameters, 'wait', 'invalid value for "wait"') ?? false;
  const sinceIndex = decimalParameter(
    parameters,
    'waitIndex',
    'indexNaN',
    'invalid value for "waitIndex"',
  );
  return wait ? { sinceIndex } : undefined;
}

function indexOf(parameters: Parameters): number | undefined {
  return decimalParameter(parameters, 'index', 'indexNaN', 'index must be a plain decimal number');
}

function fieldOf(parameters: Parameters): (holder: PlaceView) => string {
  const field = parameters.get('field') ?? 'value';
  if (field === 'value') return (holder) => holder.value;
  if (field === 'index') return (holder) => String(holder.index);
  throw new ApiError('invalidField', 'field must be "value" or "index"');
}

function accepts({ headers }: FaceRequest, type: string): boolean {
  return headers.accept?.toLowerCase().includes(type) ?? false;
}
