import type { IncomingMessage, ServerResponse } from 'node:http';
import { PendingCancels } from '../lock/pending-cancels.js';
import { withTimeout } from '../lock/with-timeout.js';
import type { Logger } from '../logger.js';
import type { Coordinator } from '../member/coordinator.js';
import type { ClusterInfo, MemberAddresses } from './context.js';
import type { Assets } from './dashboard/assets.js';
import { FastPath } from './fast-path.js';
import { EventPump } from './keys/event-pump.js';
import type { KeysContext } from './keys/watch-reply.js';
import { createKoaApp } from './koa-app.js';
import { errorReply } from './replies.js';
import { ApiError } from './server/api-error.js';
import { optionsReply, plainError, type TextResponse } from './server/api-response.js';
import { ConcurrencyLimit } from './server/concurrency-limit.js';
import { Cors } from './server/cors.js';
import { HostList } from './server/host-list.js';
import { redirectTo, targetTo } from './server/redirect.js';
import { send } from './server/send.js';
import { isUnder, parseTarget, routedPath, type Target } from './server/target.js';
import { TimeSlicer } from './server/time-slicer.js';
import { WallClock } from './wall-clock.js';

export interface ApiOptions {
  readonly coordinator: Coordinator;
  /** The wall clock, in ms since 1970. Its time is shown, and decides nothing. */
  readonly wallNow: () => number;
  /** As configured: they count for members that have not registered with the cluster yet. */
  readonly members: readonly MemberAddresses[];
  /** Origins whose pages may send requests (CORS); `*` is any. Empty: none. */
  readonly cors: readonly string[];
  /** Host names by which clients may address this member; `*` is any. */
  readonly hosts: readonly string[];
  readonly maxRequestBytes: number;
  readonly maxWaitingRequests: number;
  readonly requestTimeoutMs: number;
  readonly version: string;
  readonly clusterInfo: ClusterInfo;
  /** Empty when the dashboard was not built. */
  readonly dashboard: Assets;
  readonly logger: Logger;
}

/** The client API of one member. */
export interface Api {
  readonly handler: (message: IncomingMessage, response: ServerResponse) => void;
  /**
   * Ends all waiting requests: those for a lock are answered, and their queue entries removed. Resolves
   * when that is done, or after the request timeout. To be called while the coordinator still runs.
   */
  close(): Promise<void>;
}

export function createApi(options: ApiOptions): Api {
  const { coordinator, logger, requestTimeoutMs, members, version, clusterInfo } = options;
  const pendingCancels = new PendingCancels(coordinator);
  const wallClock = new WallClock(coordinator.clock, options.wallNow);
  const eventPump = new EventPump(wallClock);
  const context: KeysContext = {
    coordinator,
    locks: { coordinator, pendingCancels, requestTimeoutMs },
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
  const fastPath = new FastPath(context, options.maxRequestBytes, logger);
  const koa = createKoaApp(context, options.dashboard, logger).callback();
  const handler = (message: IncomingMessage, response: ServerResponse) => {
    if (!hosts.allows(message.headers.host)) return send(response, wrongHost);
    if (cors.handle(message, response)) return;
    const target = readTarget(coordinator, message);
    if ('status' in target) return send(response, target);
    const route = fastPath.routeOf(target.path);
    if (route !== undefined) return void fastPath.serve(route, target, message, response);
    if (!target.isPlain) message.url = targetTo(target.path, target.query);
    void koa(message, response);
  };
  return {
    handler,
    close: async () => {
      eventPump.close();
      await fastPath.close();
      await withTimeout(
        pendingCancels.settled(),
        coordinator.clock,
        requestTimeoutMs,
        new AbortController().signal,
      );
      pendingCancels.close();
    },
  };
}

/** Streamed at a time. Each keeps in memory what changes while it is sent. */
const largeListingsMax = 32;

/** The share of all large listings together in one turn of the event loop. */
const sliceMs = 5;

const wrongHost = plainError(403, 'this member does not serve requests for that host', {});

/** Below these are names of locks, which their modules clean themselves. */
const namePaths = ['/mod/v2/lock', '/mod/v2/leader'];

/** The request's target, or the answer that follows from it alone. */
function readTarget(coordinator: Coordinator, message: IncomingMessage): Target | TextResponse {
  if (message.method === 'OPTIONS') return optionsReply;
  try {
    const target = parseTarget(message.url ?? '/');
    if (target.isPlain || namePaths.some((path) => isUnder(target.path, path))) return target;
    const path = routedPath(target.path);
    if (path === target.path) return target;
    return redirectTo(path, target.query, message.method ?? 'GET');
  } catch (error) {
    if (error instanceof ApiError) return errorReply(coordinator, error.toCommandError(0));
    throw error;
  }
}
