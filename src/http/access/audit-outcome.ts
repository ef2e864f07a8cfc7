import type { ApiRequest } from '../server/api-request.js';
import { type ApiResponse, type ResponseHeaders, textType } from '../server/api-response.js';

/** What the audit log tells of an answer. */
interface Outcome {
  readonly status: number;
  readonly index: number | undefined;
}

/**
 * Whether somebody else than the owner of a place removes it. A malformed flag is refused later.
 */
export function isForced({ method, parameters }: ApiRequest): boolean {
  return method === 'DELETE' && parameters.has('force');
}

/** The index is that of the place in a queue, where the answer is one. */
export function outcomeOf(reply: ApiResponse): Outcome {
  const { status, headers } = reply;
  const isPlace = reply.type === 'text' && headers['Content-Type'] === textType;
  const index = isPlace && /^[0-9]+$/.test(reply.body) ? Number(reply.body) : indexIn(headers);
  return { status, index };
}

function indexIn(headers: ResponseHeaders): number | undefined {
  const index = headers['X-Etcd-Index'];
  return index === undefined ? undefined : Number(index);
}
