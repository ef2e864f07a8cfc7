import type { Identity } from '../../command/identity.js';
import type { ServiceContext } from '../../service/service-context.js';
import { jsonType, type TextResponse, textResponse } from '../server/api-response.js';

/** What the handler of a page is told of its request. */
export interface PageRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  /** The rest of the path, where the route takes one; else empty. */
  readonly name: string;
  /** Of the user who asks; undefined for a guest, and while users are not asked for. */
  readonly identity: Identity | undefined;
  /** Empty when there is none. */
  readonly contentType: string;
  /** To be called once at most. */
  readonly readBody: () => Promise<string>;
}

/** As Go's encoder writes it, with the end of a line; undefined is an empty body. */
export function pageReply(context: ServiceContext, content: object | undefined): TextResponse {
  return json(context, 200, content === undefined ? '' : `${JSON.stringify(content)}\n`);
}

/** etcd's shape of an error outside of /v2/keys. */
export function messageReply(
  context: ServiceContext,
  status: number,
  message: string,
): TextResponse {
  return json(context, status, JSON.stringify({ message }));
}

function json({ coordinator }: ServiceContext, status: number, body: string): TextResponse {
  return textResponse(status, jsonType, body, {
    'X-Etcd-Cluster-Id': coordinator.status().clusterId,
  });
}
