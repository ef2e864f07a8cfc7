import type { ServiceContext } from '../../service/service-context.js';
import type { TextResponse } from '../server/api-response.js';
import { messageReply, type PageRequest, pageReply } from './json-page.js';

/**
 * As etcd with auth off and no users: users and roles are not supported, and every change is
 * refused.
 */
export function serveAuthState(context: ServiceContext, { method }: PageRequest): TextResponse {
  if (method === 'GET') return pageReply(context, { enabled: false });
  return method === 'DELETE'
    ? messageReply(context, 409, 'auth: already disabled')
    : messageReply(context, 409, unsupported);
}

export function listUsers(context: ServiceContext): TextResponse {
  return pageReply(context, { users: null });
}

export function serveUser(context: ServiceContext, { method, name }: PageRequest): TextResponse {
  if (method === 'PUT') return messageReply(context, 409, unsupported);
  const end = method === 'GET' ? '.' : '';
  return messageReply(context, 404, `auth: User ${name} does not exist${end}`);
}

export function listRoles(context: ServiceContext): TextResponse {
  return pageReply(context, { roles: [rootRole] });
}

export function serveRole(context: ServiceContext, { method, name }: PageRequest): TextResponse {
  if (method === 'PUT') return messageReply(context, 409, unsupported);
  if (name === rootRole.role) {
    return method === 'GET'
      ? pageReply(context, rootRole)
      : messageReply(context, 403, 'auth: Cannot modify role root: is root role.');
  }
  const verb = method === 'GET' ? 'does not' : "doesn't";
  return messageReply(context, 404, `auth: Role ${name} ${verb} exist.`);
}

const unsupported = 'auth: users and roles are not supported';

/** The one role that is always there. */
const rootRole = { role: 'root', permissions: { kv: { read: ['/*'], write: ['/*'] } } };
