import { authNameProblem } from '../../command/kinds.js';
import { isEmpty, permissionsProblem } from '../../command/permissions.js';
import type { ServiceContext } from '../../service/service-context.js';
import type { TextResponse } from '../server/api-response.js';
import { change, invalidJson, objectIn, serveNamed } from './auth-change.js';
import { messageReply, type PageRequest, pageReply } from './json-page.js';
import { parsePermissions, roleJson } from './permissions-json.js';

export async function listRoles(context: ServiceContext): Promise<TextResponse> {
  await context.coordinator.readBarrier(context.requestTimeoutMs);
  return pageReply(context, { roles: context.coordinator.state.auth.roles().map(roleJson) });
}

export const serveRole = serveNamed({
  put: putRole,
  show: showRole,
  removal: (name) => ({ type: 'deleteRole', name }),
});

async function showRole(context: ServiceContext, name: string): Promise<TextResponse> {
  await context.coordinator.readBarrier(context.requestTimeoutMs);
  const role = context.coordinator.state.auth.role(name);
  if (role === undefined) return messageReply(context, 404, `auth: Role ${name} does not exist.`);
  return pageReply(context, roleJson(role));
}

async function putRole(context: ServiceContext, request: PageRequest): Promise<TextResponse> {
  const { name } = request;
  const body = await objectIn(request);
  if (body === undefined) return messageReply(context, 400, invalidJson);
  if (body['role'] !== name) {
    const message = 'Role JSON name does not match the name in the URL';
    return messageReply(context, 400, message);
  }
  const permissions = parsePermissions(body['permissions']);
  const grant = parsePermissions(body['grant']);
  const revoke = parsePermissions(body['revoke']);
  for (const each of [permissions, grant, revoke]) {
    const problem = each.ok ? permissionsProblem(each.value) : each.error;
    if (problem !== undefined) return messageReply(context, 400, `auth: ${problem}`);
  }
  const problem = authNameProblem(name);
  if (problem !== undefined) return messageReply(context, 400, `auth: ${problem}`);
  if (!permissions.ok || !grant.ok || !revoke.ok) return messageReply(context, 400, invalidJson);
  const isMerge = !isEmpty(grant.value) || !isEmpty(revoke.value);
  if (isMerge && !isEmpty(permissions.value)) {
    const message = 'Role JSON contains both permissions and grant/revoke';
    return messageReply(context, 400, message);
  }
  const asked = { permissions: permissions.value, grant: grant.value, revoke: revoke.value };
  return await change(context, request, { type: 'putRole', name, ...asked }, ({ created }) => {
    const role = context.coordinator.state.auth.role(name) ?? { name, ...asked };
    const reply = pageReply(context, roleJson(role));
    return created === true ? { ...reply, status: 201 } : reply;
  });
}
