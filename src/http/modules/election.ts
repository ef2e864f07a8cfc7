import { campaignRequest, electionSpace, resignation } from '../../lock/election.js';
import type { ServiceContext } from '../../service/service-context.js';
import type { ApiRequest } from '../server/api-request.js';
import type { ApiResponse, TextResponse } from '../server/api-response.js';
import { acquireReply } from './acquire-reply.js';
import { type ChangeParameters, ofAcquire } from './known-parameters.js';
import { releaseReply } from './lock.js';
import {
  candidateOf,
  forcedOf,
  holdOf,
  holdsConnectionOf,
  indexOf,
  keepsPlaceOf,
  nameOf,
  oneCandidateOf,
  timeoutMsOf,
  ttlMsOf,
} from './module-parameters.js';
import { show } from './reading.js';

export const electionParameters: ChangeParameters = {
  PUT: ['name', ...ofAcquire],
  DELETE: ['index', 'name', 'force'],
};

export const electionMethods = ['HEAD', 'GET', 'PUT', 'DELETE'] as const;

export async function serveElection(
  context: ServiceContext,
  request: ApiRequest,
): Promise<ApiResponse> {
  switch (request.method) {
    case 'PUT':
      return campaign(context, request);
    case 'DELETE':
      return resign(context, request);
    default:
      return show(context, request, electionSpace);
  }
}

function campaign(context: ServiceContext, request: ApiRequest): Promise<ApiResponse> {
  const { parameters, receivedAt, signal, closing } = request;
  const index = indexOf(parameters);
  const wanted = campaignRequest({
    name: nameOf(request),
    candidate: index === undefined ? candidateOf(parameters) : (parameters.get('name') ?? ''),
    index,
    ttlMs: ttlMsOf(parameters),
    ...holdOf(electionSpace, parameters),
    timeoutMs: timeoutMsOf(parameters),
    holdsConnection: holdsConnectionOf(parameters),
    keepsPlace: keepsPlaceOf(parameters),
    identity: request.identity,
    receivedAt,
    signal,
    stopping: closing,
  });
  return acquireReply(context, request, wanted);
}

function resign(context: ServiceContext, request: ApiRequest): Promise<TextResponse> {
  const { parameters } = request;
  const forced = forcedOf(parameters);
  const command = resignation(nameOf(request), oneCandidateOf(parameters), forced);
  return releaseReply(context, request, command);
}
