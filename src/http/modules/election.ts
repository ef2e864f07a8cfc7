import type { LockSpace } from '../../command/command.js';
import { leaderChange } from '../../election/leader-change.js';
import type { FaceContext } from '../context.js';
import type { FaceRequest } from '../face-request.js';
import { type TextResponse, textType } from '../face-response.js';
import { booleanParameter, decimalParameter } from '../parameters.js';
import { stateReply, unavailableReply } from '../replies.js';
import { answerAcquire } from './acquisition.js';
import { propose, readBarrier } from './lock.js';
import { candidateOf, nameOf, timeoutMsOf, ttlMsOf } from './module-parameters.js';

const space: LockSpace = 'leader';

export const electionMethods = ['HEAD', 'GET', 'PUT', 'DELETE'] as const;

export async function serveElection(
  context: FaceContext,
  request: FaceRequest,
): Promise<TextResponse> {
  switch (request.method) {
    case 'PUT':
      return await campaign(context, request);
    case 'DELETE':
      return await resign(context, request);
    default:
      return await showLeader(context, request);
  }
}

/** A candidate's name is the value of its place: the leader's own campaign renews. */
function campaign(context: FaceContext, request: FaceRequest): Promise<TextResponse> {
  const { parameters, receivedAt, signal } = request;
  return answerAcquire(context, {
    space,
    name: nameOf(request),
    value: candidateOf(parameters),
    ttlMs: ttlMsOf(parameters),
    timeoutMs: timeoutMsOf(parameters),
    receivedAt,
    signal,
  });
}

function resign(context: FaceContext, request: FaceRequest): Promise<TextResponse> {
  const name = nameOf(request);
  const value = candidateOf(request.parameters);
  return propose(context, { type: 'release', space, name, index: undefined, value });
}

async function showLeader(context: FaceContext, request: FaceRequest): Promise<TextResponse> {
  const { parameters, signal } = request;
  const { state } = context.coordinator;
  const name = nameOf(request);
  const wait = booleanParameter(parameters, 'wait', 'invalid value for "wait"') ?? false;
  const waitIndex = decimalParameter(
    parameters,
    'waitIndex',
    'indexNaN',
    'invalid value for "waitIndex"',
  );
  await readBarrier(context, request);
  if (wait && !(await leaderChange(state, name, waitIndex, signal))) {
    return unavailableReply(context.coordinator, 'this member stops');
  }
  return stateReply(
    context.coordinator,
    200,
    state.etcdIndex,
    textType,
    state.holder(space, name)?.value ?? '',
  );
}
