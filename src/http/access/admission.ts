import type { IncomingMessage } from 'node:http';
import type { Identity } from '../../command/identity.js';
import type { Right } from '../../command/right.js';
import { UnavailableError } from '../../member/coordinator.js';
import { insufficient } from '../../service/authenticator.js';
import type { ServiceContext } from '../../service/service-context.js';
import { certificateOf } from '../server/shown-certificate.js';

type Context = Pick<ServiceContext, 'coordinator' | 'authenticator' | 'requestTimeoutMs'>;

/** Who asks; undefined for a guest, and while users are not asked for. */
export function callerOf(
  { coordinator, authenticator }: Context,
  { headers, socket }: IncomingMessage,
): Identity | undefined | Promise<Identity> {
  if (!coordinator.state.auth.enabled) return undefined;
  const { authorization } = headers;
  const certificate = certificateOf(socket);
  return authenticator.identify({
    authorization,
    certificate,
    address: socket.remoteAddress ?? '',
  });
}

/**
 * Refuses a request whose user lacks a right. A member that is behind may not know of the right
 * yet, so it asks the leader before it refuses.
 * @param rights by the state as it is when they are asked for.
 * @throws {ApiError}
 */
export async function demand(
  context: Context,
  identity: Identity | undefined,
  rights: () => readonly Right[],
): Promise<void> {
  if (mayNow(context, identity, rights())) return;
  await catchUp(context);
  if (!mayNow(context, identity, rights())) throw insufficient();
}

export function mayNow(
  { coordinator }: Context,
  identity: Identity | undefined,
  rights: readonly Right[],
): boolean {
  const { auth } = coordinator.state;
  return rights.every((right) => auth.allows(identity, right));
}

/** Without a leader the member goes by what it knows. */
async function catchUp({ coordinator, requestTimeoutMs }: Context): Promise<void> {
  try {
    await coordinator.readBarrier(requestTimeoutMs);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
  }
}
