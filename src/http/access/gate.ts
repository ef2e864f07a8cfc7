import type { IncomingMessage } from 'node:http';
import type { Identity } from '../../command/identity.js';
import { insufficient } from '../../service/authenticator.js';
import type { ServiceContext } from '../../service/service-context.js';
import type { ApiRequest, RequestHead } from '../server/api-request.js';
import type { ApiResponse } from '../server/api-response.js';
import { callerOf, demand, mayNow } from './admission.js';
import { Revocation } from './revocation.js';
import { type FastRights, fastRights } from './route-rights.js';

type Serve = () => Promise<ApiResponse>;

/** Lets the requests of one route in whose users may do what they ask for. */
export class Gate {
  readonly #context: ServiceContext;
  readonly #rights: FastRights;

  /** @param prefix of the route. */
  constructor(context: ServiceContext, prefix: string) {
    this.#context = context;
    this.#rights = fastRights(prefix);
  }

  identityOf(message: IncomingMessage): Identity | undefined | Promise<Identity> {
    return callerOf(this.#context, message);
  }

  /** For a request that may wait. */
  revocationOf(identity: Identity | undefined): Revocation {
    const { revocations, coordinator } = this.#context;
    return new Revocation(identity, revocations, (request) =>
      this.#rights.of(request, coordinator.state.keys),
    );
  }

  /**
   * Refuses whom the path alone refuses, before there is memory for a large body: a client without
   * the right could keep it from all others, by a body that does not come.
   */
  async demandForHead(head: RequestHead, identity: Identity | undefined): Promise<void> {
    if (!this.#context.coordinator.state.auth.enabled) return;
    const rights = this.#rights.ofHead(head);
    await demand(this.#context, identity, () => rights);
  }

  /**
   * Serves a write of a key. It is asked about once more where it is applied, so nothing of its
   * request is kept.
   */
  serveWrite(request: ApiRequest, serve: Serve): Promise<ApiResponse> {
    const { keys, auth } = this.#context.coordinator.state;
    if (!auth.enabled) return serve();
    const rights = this.#rights.of(request, keys);
    // Nearly always, so it costs no promise.
    if (mayNow(this.#context, request.identity, rights)) return serve();
    return demand(this.#context, request.identity, () => rights).then(serve);
  }

  /** Serves a read of a key, and tells what it read if the user may still know it. */
  serveRead(request: ApiRequest, serve: Serve): Promise<ApiResponse> {
    const { keys, auth } = this.#context.coordinator.state;
    if (!auth.enabled) return serve();
    const { identity } = request;
    const rights = () => this.#rights.of(request, keys);
    return demand(this.#context, identity, rights)
      .then(serve)
      .then((reply) => told(reply, mayNow(this.#context, identity, rights())));
  }

  /** Serves what may wait, and ends it as soon as its user may no longer. */
  serveWait(request: ApiRequest, revocation: Revocation, serve: Serve): Promise<ApiResponse> {
    const { keys, auth } = this.#context.coordinator.state;
    if (!auth.enabled) return this.#waited(revocation, undefined, serve());
    const { identity } = request;
    const rights = this.#rights.of(request, keys);
    const allowed = demand(this.#context, identity, () => rights);
    return this.#waited(
      revocation,
      () => mayNow(this.#context, identity, rights),
      allowed.then(serve),
    );
  }

  #waited(
    revocation: Revocation,
    mayStill: (() => boolean) | undefined,
    reply: Promise<ApiResponse>,
  ): Promise<ApiResponse> {
    return reply.then(
      (served) => told(served, !revocation.isRevoked && mayStill?.() !== false),
      (error: unknown) => {
        throw revocation.isRevoked ? insufficient() : error;
      },
    );
  }
}

/** What the user may not know any more is dropped. */
function told(reply: ApiResponse, isAllowed: boolean): ApiResponse {
  if (isAllowed) return reply;
  if (reply.type === 'stream') reply.onEnd();
  throw insufficient();
}
