import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../logger.js';
import type { Coordinator } from '../member/coordinator.js';
import { ApiError } from '../service/api-error.js';
import type { ServiceContext } from '../service/service-context.js';
import { crossSiteRefusal } from './access/cross-site.js';
import type { MetricsPage } from './cluster/metrics.js';
import type { Assets } from './dashboard/assets.js';
import { FastPath } from './fast-path.js';
import { EventPump } from './keys/event-pump.js';
import type { KeysContext } from './keys/watch-reply.js';
import { createKoaApp, createMonitoringApp } from './koa-app.js';
import { errorReply } from './replies.js';
import { optionsReply, type TextResponse } from './server/api-response.js';
import { Cors } from './server/cors.js';
import { HostList } from './server/host-list.js';
import { redirectTo, targetTo } from './server/redirect.js';
import { refusalReply } from './server/refusal.js';
import { requestHost } from './server/request-host.js';
import { send } from './server/send.js';
import { isUnder, parseTarget, routedPath, type Target } from './server/target.js';

export interface ApiOptions {
  readonly context: ServiceContext;
  /** Origins whose pages may send requests (CORS); `*` is any. Empty: none. */
  readonly cors: readonly string[];
  /** Host names by which clients may address this member; `*` is any. */
  readonly hosts: readonly string[];
  readonly maxRequestBytes: number;
  readonly defaultRead: KeysContext['defaultRead'];
  /** Empty when the dashboard was not built. */
  readonly dashboard: Assets;
  readonly metrics: MetricsPage;
  readonly logger: Logger;
}

/** The HTTP API of one member. */
export interface Api {
  readonly handler: (message: IncomingMessage, response: ServerResponse) => void;
  /** For addresses of their own: `/metrics` and the pages about health, and nothing else. */
  readonly monitoring: (message: IncomingMessage, response: ServerResponse) => void;
  /** Ends all waiting requests: those for a lock are answered, and cancelled. */
  close(): Promise<void>;
}

export function createApi({ context, logger, ...options }: ApiOptions): Api {
  const { coordinator } = context;
  const eventPump = new EventPump(context.wallClock);
  const cors = new Cors(options.cors);
  const origins = new Set(options.cors);
  const hosts = new HostList(options.hosts);
  const fastPath = new FastPath(
    { ...context, eventPump, defaultRead: options.defaultRead },
    options.maxRequestBytes,
    logger,
  );
  const sources = { context, metrics: options.metrics, logger };
  const koa = createKoaApp(sources, options.dashboard).callback();
  const monitoring = createMonitoringApp(sources).callback();
  const handler = (message: IncomingMessage, response: ServerResponse) => {
    const refusal = hostRefusal(hosts, message);
    if (refusal !== undefined) return send(response, refusal);
    if (cors.handle(message, response)) return;
    const foreign = crossSiteRefusal(message, origins);
    if (foreign !== undefined) return send(response, foreign);
    const target = targetOf(coordinator, message, response);
    if (target === undefined) return;
    const route = fastPath.routeOf(target.path);
    if (route !== undefined) return void fastPath.serve(route, target, message, response);
    if (!target.isPlain) message.url = targetTo(target.path, target.query);
    void koa(message, response);
  };
  return {
    handler,
    monitoring: (message, response) => void monitoring(message, response),
    close: async () => {
      eventPump.close();
      await fastPath.close();
    },
  };
}

/** Undefined when the request is for a host that is served. */
function hostRefusal(hosts: HostList, message: IncomingMessage): TextResponse | undefined {
  const host = requestHost(message);
  if (!host.ok) return refusalReply({ status: 400, cause: host.error }, { Connection: 'close' });
  return hosts.allows(host.value) ? undefined : wrongHost;
}

const wrongHost = refusalReply(
  { status: 403, cause: 'this member does not serve requests for that host' },
  {},
);

/** Below these are names of locks, which their modules clean themselves. */
const namePaths = ['/mod/v2/lock', '/mod/v2/leader'];

/** Undefined when the request was answered, since the answer follows from its target alone. */
function targetOf(
  coordinator: Coordinator,
  message: IncomingMessage,
  response: ServerResponse,
): Target | undefined {
  if (message.method === 'OPTIONS') return answered(response, optionsReply);
  try {
    const target = parseTarget(message.url ?? '/');
    if (target.isPlain || namePaths.some((path) => isUnder(target.path, path))) return target;
    const path = routedPath(target.path);
    if (path === target.path) return target;
    return answered(response, redirectTo(path, target.query, message.method ?? 'GET'));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return answered(response, errorReply(coordinator, error.toCommandError(0)));
  }
}

function answered(response: ServerResponse, reply: TextResponse): undefined {
  send(response, reply);
}
