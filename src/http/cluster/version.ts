import type { ServiceContext } from '../../service/service-context.js';
import { jsonType, type TextResponse, textResponse } from '../server/api-response.js';

/** etcd's shape. The cluster's version is that of its oldest member, without the patch. */
export function showVersion({ version, coordinator }: ServiceContext): TextResponse {
  const versions = coordinator.state.members.registered().map((member) => parts(member.version));
  const [oldest = parts(version)] = versions.sort(compare);
  const etcdcluster = `${oldest[0] ?? 0}.${oldest[1] ?? 0}.0`;
  const body = JSON.stringify({ etcdserver: version, etcdcluster });
  return textResponse(200, jsonType, body, {});
}

function parts(version: string): readonly number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0);
}

function compare(one: readonly number[], other: readonly number[]): number {
  return (one[0] ?? 0) - (other[0] ?? 0) || (one[1] ?? 0) - (other[1] ?? 0);
}
