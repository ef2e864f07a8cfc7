import { type Identity, isByCertificate } from '../../command/identity.js';
import type { ServiceContext } from '../../service/service-context.js';
import type { TextResponse } from '../server/api-response.js';
import { change } from './auth-change.js';
import { type PageRequest, pageReply } from './json-page.js';
import { roleJson } from './permissions-json.js';

/**
 * Whether users are asked for. A GET is answered by what this member knows, with a leader or not.
 */
export async function serveAuthState(
  context: ServiceContext,
  request: PageRequest,
): Promise<TextResponse> {
  const { method } = request;
  if (method === 'GET') {
    return pageReply(context, { enabled: context.coordinator.state.auth.enabled });
  }
  const command = { type: 'enableAuth', enabled: method === 'PUT' } as const;
  return await change(context, request, command, () => pageReply(context, undefined));
}

/** Who asks, and what that user may do: for pages that show what is possible. */
export function showSelf(context: ServiceContext, { identity }: PageRequest): TextResponse {
  const { auth } = context.coordinator.state;
  if (!auth.enabled) return pageReply(context, { enabled: false });
  const names = identity === undefined ? ['guest'] : (auth.user(identity.name)?.roles ?? []);
  const roles = names.flatMap((name) => auth.role(name) ?? []).map(roleJson);
  const user = identity?.name ?? null;
  return pageReply(context, { enabled: true, user, by: proofOf(identity), roles });
}

function proofOf(identity: Identity | undefined): 'password' | 'certificate' | null {
  if (identity === undefined) return null;
  return isByCertificate(identity) ? 'certificate' : 'password';
}
