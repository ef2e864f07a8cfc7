import type { AuthCommand } from '../../command/auth.js';
import type { CommandResult } from '../../command/command-result.js';
import type { ServiceContext } from '../../service/service-context.js';
import { statusOf } from '../error-json.js';
import type { TextResponse } from '../server/api-response.js';
import { messageReply, type PageRequest, pageReply } from './json-page.js';
import { isObject } from './permissions-json.js';

/** What can be done to one user or one role. */
interface NamedHandlers {
  readonly put: (context: ServiceContext, request: PageRequest) => Promise<TextResponse>;
  readonly show: (context: ServiceContext, name: string) => Promise<TextResponse>;
  readonly removal: (name: string) => AuthCommand;
}

/** Serves the page of the user or the role whose name is in the path. */
export function serveNamed({ put, show, removal }: NamedHandlers) {
  return async (context: ServiceContext, request: PageRequest): Promise<TextResponse> => {
    const { method, name } = request;
    if (name.includes('/')) return messageReply(context, 400, 'Invalid path');
    if (method === 'PUT') return await put(context, request);
    if (method !== 'DELETE') return await show(context, name);
    return await change(context, request, removal(name), () => pageReply(context, undefined));
  };
}

/** Proposes a change of users or roles for the user who asks. */
export async function change(
  context: ServiceContext,
  { identity }: PageRequest,
  command: AuthCommand,
  reply: (result: Extract<CommandResult, { readonly type: 'done' }>) => TextResponse,
): Promise<TextResponse> {
  const { coordinator, requestTimeoutMs } = context;
  if (!coordinator.state.auth.isSupported) return messageReply(context, 409, notYet);
  const { result } = await coordinator.propose(command, requestTimeoutMs, { identity });
  if (result.type === 'error') {
    return messageReply(context, statusOf(result.error), result.error.cause);
  }
  if (result.type === 'done') return reply(result);
  throw new Error(`a change of users ends with nothing to tell, not with ${result.type}`);
}

const notYet = 'auth: the cluster keeps no users yet: a member runs an older release';

/** The object in a body; undefined for anything else. */
export async function objectIn({
  readBody,
}: PageRequest): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const json: unknown = JSON.parse(await readBody());
    return isObject(json) ? json : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export const invalidJson = 'Invalid JSON in request body.';
