import type { PutUserCommand } from '../../command/auth.js';
import { authNameProblem } from '../../command/kinds.js';
import type { ServiceContext } from '../../service/service-context.js';
import type { AuthView, UserView } from '../../view/auth-view.js';
import type { TextResponse } from '../server/api-response.js';
import { change, invalidJson, objectIn, serveNamed } from './auth-change.js';
import { messageReply, type PageRequest, pageReply } from './json-page.js';
import { roleJson, textsOf } from './permissions-json.js';

/** As etcd: an empty list is null. */
export async function listUsers(context: ServiceContext): Promise<TextResponse> {
  await context.coordinator.readBarrier(context.requestTimeoutMs);
  const { auth } = context.coordinator.state;
  const users = auth.users().map((user) => userJson(auth, user));
  return pageReply(context, { users: users.length > 0 ? users : null });
}

export const serveUser = serveNamed({
  put: putUser,
  show: showUser,
  removal: (name) => ({ type: 'deleteUser', name }),
});

async function showUser(context: ServiceContext, name: string): Promise<TextResponse> {
  await context.coordinator.readBarrier(context.requestTimeoutMs);
  const { auth } = context.coordinator.state;
  const user = auth.user(name);
  if (user === undefined) return messageReply(context, 404, `auth: User ${name} does not exist.`);
  return pageReply(context, userJson(auth, user));
}

/** With the roles as they are; a role that is gone is left out. */
function userJson(auth: AuthView, { name, roles }: UserView): object {
  const known = roles.flatMap((role) => auth.role(role) ?? []);
  return { user: name, ...(known.length > 0 ? { roles: known.map(roleJson) } : {}) };
}

async function putUser(context: ServiceContext, request: PageRequest): Promise<TextResponse> {
  const body = await objectIn(request);
  const [roles, grant, revoke] = [body?.['roles'], body?.['grant'], body?.['revoke']].map(textsOf);
  const password = body?.['password'] ?? '';
  const isWhole = roles !== undefined && grant !== undefined && revoke !== undefined;
  if (body === undefined || !isWhole || typeof password !== 'string') {
    return messageReply(context, 400, invalidJson);
  }
  const { name } = request;
  if (body['user'] !== name) {
    const message = 'User JSON name does not match the name in the URL';
    return messageReply(context, 400, message);
  }
  const problem = authNameProblem(name);
  if (problem !== undefined) return messageReply(context, 400, `auth: ${problem}`);
  if (roles.length > 0 && grant.length + revoke.length > 0) {
    return messageReply(context, 400, 'User JSON contains both roles and grant/revoke');
  }
  const command: PutUserCommand = {
    ...{ type: 'putUser', name, roles, grant, revoke },
    password: password === '' ? undefined : await context.authenticator.hash(password),
  };
  return await change(context, request, command, ({ created }) => {
    const user = context.coordinator.state.auth.user(name);
    const shown = user?.roles ?? roles;
    const isBare = created === true && shown.length === 0;
    const reply = pageReply(context, { user: name, roles: isBare ? null : shown });
    return created === true ? { ...reply, status: 201 } : reply;
  });
}
