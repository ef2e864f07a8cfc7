import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { assert } from '../assert.js';
import type { Logger } from '../logger.js';
import type { AuditEntry } from '../service/audit-log.js';
import type { ApiName } from '../service/request-counts.js';
import { isForced, outcomeOf } from './access/audit-outcome.js';
import { Gate } from './access/gate.js';
import type { Revocation } from './access/revocation.js';
import { sendBackup } from './cluster/backup.js';
import { transferLeadership } from './cluster/transfer.js';
import { failureReply } from './failure-reply.js';
import { keyMethods, serveKeys } from './keys/keys-api.js';
import type { KeysContext } from './keys/watch-reply.js';
import { electionMethods, electionParameters, serveElection } from './modules/election.js';
import { type ChangeParameters, checkKnown } from './modules/known-parameters.js';
import { lockMethods, lockParameters, serveLock } from './modules/lock.js';
import { progressMsOf, progressReply } from './modules/progress.js';
import { stateHeaders } from './replies.js';
import type { ApiRequest } from './server/api-request.js';
import { type ApiResponse, methodNotAllowed } from './server/api-response.js';
import { largeBodyBytesOf, RequestAborted } from './server/body.js';
import type { Repeats } from './server/form.js';
import { readRequest, untilGone } from './server/incoming-request.js';
import { send } from './server/send.js';
import { certificateOf } from './server/shown-certificate.js';
import { isUnder, segmentsBelow, type Target } from './server/target.js';

/** What carries most of the load, or takes a form, is served without a framework. */
interface FastRoute {
  readonly prefix: string;
  readonly api: ApiName;
  readonly methods: readonly string[];
  readonly serve: (context: KeysContext, request: ApiRequest) => Promise<ApiResponse>;
  /** The index in the error of a malformed request: 0 in etcd's key API, else the current index. */
  readonly malformedIndex: 0 | undefined;
  /** As in etcd the first counts. At locks a wrong guess does harm, so a repeat is refused. */
  readonly repeats: Repeats;
  /**
   * How long a large body counts: until its result is known, or only while it is read, since
   * requests for locks wait for hours.
   */
  readonly largeBodyCounts: 'until answered' | 'while read';
  /**
   * The parameters of its changes, by method, where others are refused and a client may ask for
   * progress. Undefined as in etcd, where others are ignored.
   */
  readonly parameters: ChangeParameters | undefined;
}

const fastRoutes: readonly FastRoute[] = [
  {
    prefix: '/v2/keys',
    api: 'keys',
    methods: keyMethods,
    serve: serveKeys,
    malformedIndex: 0,
    repeats: 'first counts',
    largeBodyCounts: 'until answered',
    parameters: undefined,
  },
  {
    prefix: '/mod/v2/lock',
    api: 'locks',
    methods: lockMethods,
    serve: serveLock,
    malformedIndex: undefined,
    repeats: 'refused',
    largeBodyCounts: 'while read',
    parameters: lockParameters,
  },
  {
    prefix: '/mod/v2/leader',
    api: 'elections',
    methods: electionMethods,
    serve: serveElection,
    malformedIndex: undefined,
    repeats: 'refused',
    largeBodyCounts: 'while read',
    parameters: electionParameters,
  },
  {
    prefix: '/v2/admin/transfer-leadership',
    api: 'other',
    methods: ['POST'],
    serve: transferLeadership,
    malformedIndex: 0,
    repeats: 'refused',
    largeBodyCounts: 'while read',
    parameters: { POST: ['to'] },
  },
  {
    prefix: '/v2/admin/backup',
    api: 'other',
    methods: ['GET'],
    serve: sendBackup,
    malformedIndex: 0,
    repeats: 'refused',
    largeBodyCounts: 'while read',
    parameters: { GET: [] },
  },
];

function nothingToLeave(): void {}

interface Asked {
  readonly target: Target;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** Undefined without an audit log. */
  readonly entry: AuditEntry | undefined;
}

/** Resolves in the next turn of the event loop. */
function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => {
    setImmediate(() => resolve(undefined));
  });
}

/** Serves the fast routes straight from node:http, without koa. */
export class FastPath {
  readonly #context: KeysContext;
  readonly #maxRequestBytes: number;
  readonly #logger: Logger;
  readonly #gates = new Map<string, Gate>();
  readonly #closing = new AbortController();

  constructor(context: KeysContext, maxRequestBytes: number, logger: Logger) {
    this.#context = context;
    this.#maxRequestBytes = maxRequestBytes;
    this.#logger = logger;
    for (const { prefix } of fastRoutes) this.#gates.set(prefix, new Gate(context, prefix));
    // Each waiting request listens to it, and there may be thousands.
    setMaxListeners(0, this.#closing.signal);
  }

  #gateOf(prefix: string): Gate {
    const gate = this.#gates.get(prefix);
    assert(gate !== undefined, `${prefix} has a gate`);
    return gate;
  }

  /** Undefined when the path is served elsewhere. */
  routeOf(path: string): FastRoute | undefined {
    return fastRoutes.find(({ prefix }) => isUnder(path, prefix));
  }

  async serve(
    route: FastRoute,
    target: Target,
    message: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { coordinator, requestCounts } = this.#context;
    const { api, methods } = route;
    // Like the request itself, its message may be collected while its handler waits.
    const method = methods.find((known) => known === message.method) ?? 'other';
    const startedAt = coordinator.clock.now();
    const entry = this.#context.audit?.begin(message, target.path, certificateOf(message.socket));
    const reply = await this.#answer(route, { target, message, response, entry });
    if (reply === undefined) return;
    if (entry !== undefined) await entry.end(outcomeOf(reply));
    const isTimed = api === 'keys' && reply.type === 'text';
    const durationMs = isTimed ? coordinator.clock.now() - startedAt : undefined;
    requestCounts.answered(api, method, reply.status, durationMs);
    send(response, reply);
  }

  async #answer(
    route: FastRoute,
    { target, message, response, entry }: Asked,
  ): Promise<ApiResponse | undefined> {
    if (!route.methods.includes(message.method ?? '')) return methodNotAllowed(route.methods);
    const { deadPeers } = this.#context;
    const closing = this.#closing.signal;
    let leaveRoom = nothingToLeave;
    try {
      entry?.demand();
      const gate = this.#gateOf(route.prefix);
      const proved = gate.identityOf(message);
      const identity = proved instanceof Promise ? await proved : proved;
      entry?.askedBy(identity);
      // Watches of keys end by themselves.
      const waits = route.parameters !== undefined;
      const revocation = waits ? gate.revocationOf(identity) : undefined;
      const largeBytes = largeBodyBytesOf(message, this.#maxRequestBytes);
      if (largeBytes > 0) {
        const segments = segmentsBelow(route.prefix, target.path);
        await gate.demandForHead({ method: message.method ?? '', segments }, identity);
        leaveRoom = await this.#admit(route, largeBytes, message, response);
      }
      // The request is no variable here, so it can be collected while its handler waits for the
      // cluster.
      return await readRequest(
        { target, message, response, closing, deadPeers, identity, revocation },
        {
          prefix: route.prefix,
          maxRequestBytes: this.#maxRequestBytes,
          receivedAt: this.#context.coordinator.clock.now(),
          repeats: route.repeats,
        },
      ).then((request) => {
        if (isForced(request)) entry?.forced();
        return this.#serve(route, request, revocation);
      });
    } catch (error) {
      if (error instanceof RequestAborted) return undefined;
      return failureReply(this.#context, this.#logger, error, route.malformedIndex);
    } finally {
      leaveRoom();
    }
  }

  #serve(
    { serve, parameters, prefix }: FastRoute,
    request: ApiRequest,
    revocation: Revocation | undefined,
  ): Promise<ApiResponse> {
    const gate = this.#gateOf(prefix);
    const serveIt = () => serve(this.#context, request);
    if (parameters === undefined || revocation === undefined) {
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      return isRead ? gate.serveRead(request, serveIt) : gate.serveWrite(request, serveIt);
    }
    checkKnown(request, parameters);
    const progressMs = progressMsOf(request.parameters);
    const reply = gate.serveWait(request, revocation, serveIt);
    return progressMs === undefined ? reply : this.#withProgress(reply, progressMs);
  }

  /** What is refused at once, since the request is malformed, has its status as ever. */
  async #withProgress(reply: Promise<ApiResponse>, intervalMs: number): Promise<ApiResponse> {
    const { coordinator } = this.#context;
    const certain = reply.catch((error: unknown) =>
      failureReply(this.#context, this.#logger, error, undefined),
    );
    const early = await Promise.race([certain, nextTurn()]);
    if (early !== undefined && early.status !== 200) return early;
    const headers = stateHeaders(coordinator, coordinator.state.etcdIndex);
    return progressReply(headers, certain, coordinator.clock, intervalMs);
  }

  /** Waits until there is memory for a large body. Returns what makes room for the next. */
  async #admit(
    { largeBodyCounts }: FastRoute,
    bytes: number,
    message: IncomingMessage,
    response: ServerResponse,
  ): Promise<() => void> {
    const closing = this.#closing.signal;
    const leaveRoom = await this.#context.bodyAdmission.enter(
      bytes,
      untilGone({ response, closing }),
    );
    const isRead = message.method === 'GET' || message.method === 'HEAD';
    const loss = isRead ? undefined : this.#context.coordinator.quorumLoss();
    if (loss !== undefined) {
      leaveRoom();
      throw loss;
    }
    if (largeBodyCounts === 'until answered' && !isRead) return leaveRoom;
    message.once('close', leaveRoom);
    return nothingToLeave;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    // Waiting requests are aborted in this turn of the event loop; they answer and end in the next.
    await nextTurn();
  }
}
