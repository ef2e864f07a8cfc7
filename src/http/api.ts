import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Departures } from '../lock/departures.js';
import { withPatience } from '../lock/patience.js';
import type { Logger } from '../logger.js';
import type { Coordinator } from '../member/coordinator.js';
import { ApiError } from './api-error.js';
import {
  type ApiResponse,
  methodNotAllowed,
  optionsReply,
  plainError,
  type TextResponse,
} from './api-response.js';
import { createColdApp } from './cold-routes.js';
import { ConcurrencyLimit } from './concurrency-limit.js';
import type { ApiContext, ClusterInfo, MemberAddresses } from './context.js';
import { Cors } from './cors.js';
import type { Assets } from './dashboard/assets.js';
import { DeadPeerDetector } from './dead-peer-detector.js';
import { failureReply } from './failure-reply.js';
import { HostList } from './host-list.js';
import { type HotRoute, hotRoutes } from './hot-routes.js';
import { readRequest } from './incoming-request.js';
import { EventPump } from './keys/event-pump.js';
import { redirectTo, targetTo } from './redirect.js';
import { errorReply } from './replies.js';
import { send } from './send.js';
import { isUnder, parseTarget, routedPath, type Target } from './target.js';
import { readTcpTable } from './tcp-table.js';
import { TimeSlicer } from './time-slicer.js';
import { WallClock } from './wall-clock.js';

export interface ApiOptions {
  readonly coordinator: Coordinator;
  /** Until they have told the cluster themselves. */
  readonly members: readonly MemberAddresses[];
  /** Origins whose pages may ask; `*` is any. Empty: none. */
  readonly cors: readonly string[];
  /** Names by which clients may call this member; `*` is any. */
  readonly hosts: readonly string[];
  readonly maxRequestBytes: number;
  readonly maxWaitingRequests: number;
  readonly requestTimeoutMs: number;
  readonly version: string;
  readonly clusterInfo: ClusterInfo;
  /** Empty when it was not built. */
  readonly dashboard: Assets;
  readonly logger: Logger;
}

/** The client API of one member. */
export interface Api {
  readonly handler: (message: IncomingMessage, response: ServerResponse) => void;
  /**
   * Ends all that waits: those who wait for a lock are told so and leave its queue. Resolves when
   * they have left, or the request timeout is over. To be called while the coordinator still runs.
   */
  close(): Promise<void>;
}

export function createApi(options: ApiOptions): Api {
  const { coordinator, logger, requestTimeoutMs, members, version, clusterInfo } = options;
  const departures = new Departures(coordinator);
  const wallClock = new WallClock(coordinator.clock, Date.now);
  const eventPump = new EventPump(wallClock);
  const context: ApiContext = {
    coordinator,
    locks: { coordinator, departures, requestTimeoutMs },
    wallClock,
    waitLimit: new ConcurrencyLimit(options.maxWaitingRequests, 'requests wait'),
    listingLimit: new ConcurrencyLimit(largeListingsMax, 'large directories and queues be listed'),
    timeSlicer: new TimeSlicer(sliceMs),
    eventPump,
    requestTimeoutMs,
    members,
    version,
    clusterInfo,
  };
  const cors = new Cors(options.cors);
  const hosts = new HostList(options.hosts);
  const hot = new HotApi(context, options.maxRequestBytes, logger);
  const cold = createColdApp(context, options.dashboard, logger).callback();
  const handler = (message: IncomingMessage, response: ServerResponse) => {
    if (!hosts.allows(message.headers.host)) return send(response, wrongHost);
    if (cors.handle(message, response)) return;
    const target = readTarget(coordinator, message);
    if ('status' in target) return send(response, target);
    const route = hotRoutes.find(({ prefix }) => isUnder(target.path, prefix));
    if (route !== undefined) return void hot.serve(route, target, message, response);
    if (!target.isPlain) message.url = targetTo(target.path, target.query);
    void cold(message, response);
  };
  return {
    handler,
    close: async () => {
      eventPump.close();
      await hot.close();
      await withPatience(
        departures.settled(),
        coordinator.clock,
        requestTimeoutMs,
        new AbortController().signal,
      );
      departures.close();
    },
  };
}

/** At a time. Each keeps in memory what changes while it is sent. */
const largeListingsMax = 32;

/** The share of all large listings together in one turn of the event loop. */
const sliceMs = 5;

const wrongHost = plainError(403, 'this member does not serve requests for that host', {});

/** The target, or an answer that depends on nothing else. */
function readTarget(coordinator: Coordinator, message: IncomingMessage): Target | TextResponse {
  if (message.method === 'OPTIONS') return optionsReply;
  try {
    const target = parseTarget(message.url ?? '/');
    // The modules have names of their own, in which a slash means nothing.
    if (target.isPlain || isUnder(target.path, '/mod')) return target;
    const path = routedPath(target.path);
    if (path === target.path) return target;
    return redirectTo(path, target.query, message.method ?? 'GET');
  } catch (error) {
    if (error instanceof ApiError) return errorReply(coordinator, error.toCommandError(0));
    throw error;
  }
}

/** Serves the hot routes straight from node:http. */
class HotApi {
  readonly #context: ApiContext;
  readonly #maxRequestBytes: number;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  readonly #deadPeers: DeadPeerDetector;

  constructor(context: ApiContext, maxRequestBytes: number, logger: Logger) {
    this.#context = context;
    this.#maxRequestBytes = maxRequestBytes;
    this.#logger = logger;
    this.#deadPeers = new DeadPeerDetector(context.coordinator.clock, readTcpTable, logger);
    // Every request that waits listens, and there may be thousands.
    setMaxListeners(0, this.#closing.signal);
  }

  async serve(
    route: HotRoute,
    target: Target,
    message: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const reply = await this.#answer(route, target, message, response);
    if (reply !== undefined) send(response, reply);
  }

  async #answer(
    route: HotRoute,
    target: Target,
    message: IncomingMessage,
    response: ServerResponse,
  ): Promise<ApiResponse | undefined> {
    if (!route.methods.includes(message.method ?? '')) return methodNotAllowed(route.methods);
    const deadPeers = this.#deadPeers;
    const closing = this.#closing.signal;
    try {
      const request = await readRequest(
        { target, message, response, closing, deadPeers },
        {
          prefix: route.prefix,
          maxRequestBytes: this.#maxRequestBytes,
          receivedAt: this.#context.coordinator.clock.now(),
          repeats: route.repeats,
        },
      );
      return await route.serve(this.#context, request);
    } catch (error) {
      return failureReply(this.#context.coordinator, this.#logger, error, route.malformedIndex);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#deadPeers.close();
    // Those who wait learn of it in this turn, and answer and leave in the next.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
