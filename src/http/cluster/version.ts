import type { ServiceContext } from '../../service/service-context.js';
import { jsonType, type TextResponse, textResponse } from '../server/api-response.js';

/**
 * The release of etcd whose v2 API this is, for clients that demand one, and apart from it what
 * this is. Clients take each part between dots for a number, so neither of etcd's fields has a
 * suffix.
 */
const apiVersion = '3.4.0';

export function showVersion({ version }: ServiceContext): TextResponse {
  const content = { etcdserver: apiVersion, etcdcluster: apiVersion, conclave: version };
  return textResponse(200, jsonType, JSON.stringify(content), {});
}
