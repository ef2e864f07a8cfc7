import { ApiError } from '../../service/api-error.js';
import { suggestion } from '../../suggestion.js';
import type { ApiRequest } from '../server/api-request.js';
import { namesAll } from './name-list.js';
import { accepts } from './read-options.js';
import { eventStreamType } from './server-sent-events.js';

/** The parameters of one kind of request. */
type Known = readonly string[];

/** Of each method that changes something. */
export type ChangeParameters = Readonly<Record<string, Known>>;

export const ofRead: Known = ['field', 'index', 'deny', 'quorum', 'wait', 'waitIndex', 'progress'];
export const ofList: Known = ['prefix', 'after', 'max', 'quorum', 'wait', 'waitIndex', 'progress'];
const ofStream: Known = ['quorum', 'wait', 'waitIndex'];
/** Of a request that enters a queue. */
export const ofAcquire: Known = [
  'ttl',
  'timeout',
  'index',
  'keep',
  'hold',
  'mode',
  'limit',
  'progress',
];

/** Characters of the client's input that an error repeats. */
const shownMax = 100;

/**
 * Refuses a parameter that the request does not have: one that is misspelt would be ignored, and
 * the request would wait.
 * @throws {ApiError}
 */
export function checkKnown(request: ApiRequest, ofChange: ChangeParameters): void {
  const known = ofChange[request.method] ?? knownOfRead(request);
  for (const name of request.parameters.keys()) {
    if (!known.includes(name)) throw unknownParameter(name, known);
  }
}

/**
 * Of a file, which has no parameter at all.
 * @throws {ApiError}
 */
export function checkNoParameters(query: URLSearchParams): void {
  for (const name of query.keys()) throw unknownParameter(name, []);
}

function unknownParameter(name: string, known: Known): ApiError {
  const shown = name.slice(0, shownMax);
  const taken = known.length === 0 ? 'none' : known.join(', ');
  return new ApiError(
    'invalidField',
    `unknown parameter "${shown}"${suggestion(shown, known)}; this request takes ${taken}`,
  );
}

function knownOfRead(request: ApiRequest): Known {
  if (namesAll(request)) return ofList;
  const isStream = request.method === 'GET' && accepts(request, eventStreamType);
  return isStream ? ofStream : ofRead;
}
