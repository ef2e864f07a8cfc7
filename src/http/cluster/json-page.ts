import type { ServiceContext } from '../../service/service-context.js';
import { jsonType, type TextResponse, textResponse } from '../server/api-response.js';

/** What the handler of a page is told of its request. */
export interface PageRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  /** The rest of the path, where the route takes one; else empty. */
  readonly name: string;
}

/** As Go's encoder writes it, with the end of a line. */
export function pageReply(context: ServiceContext, content: object): TextResponse {
  return json(context, 200, `${JSON.stringify(content)}\n`);
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
