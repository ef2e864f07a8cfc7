import Router from '@koa/router';
import Koa from 'koa';
import { AssertionError } from '../assert.js';
import type { Identity } from '../command/identity.js';
import type { Right } from '../command/right.js';
import type { Logger } from '../logger.js';
import { ApiError } from '../service/api-error.js';
import { AuditEntry } from '../service/audit-log.js';
import type { ServiceContext } from '../service/service-context.js';
import { callerOf, demand } from './access/admission.js';
import { monitoringRights, pageRights } from './access/route-rights.js';
import { serveAuthState, showSelf as showOwnRights } from './cluster/auth.js';
import {
  type Check,
  livenessChecks,
  readinessChecks,
  runChecks,
  showHealth,
} from './cluster/health.js';
import { showHistory } from './cluster/history.js';
import { messageReply, type PageRequest } from './cluster/json-page.js';
import {
  listMachines,
  serveMember,
  serveMembers,
  showLeaderUrl,
  showLeadingMember,
} from './cluster/members.js';
import { type MetricsPage, showMetrics } from './cluster/metrics.js';
import { showOverview } from './cluster/overview.js';
import { listRoles, serveRole } from './cluster/roles.js';
import { showFollowers, showSelf, showStore } from './cluster/stats.js';
import { listUsers, serveUser } from './cluster/users.js';
import { showVersion } from './cluster/version.js';
import type { Assets } from './dashboard/assets.js';
import { dashboardPath, type PageResponse, servePage } from './dashboard/page.js';
import { failureReply } from './failure-reply.js';
import { checkNoParameters } from './modules/known-parameters.js';
import { showOpenApi } from './openapi/document.js';
import { methodNotAllowed, notFound, type TextResponse } from './server/api-response.js';
import { readBody } from './server/body.js';
import { certificateOf } from './server/shown-certificate.js';

type Handler = (
  context: ServiceContext,
  request: PageRequest,
) => TextResponse | Promise<TextResponse>;

interface Route {
  readonly path: string;
  readonly methods: readonly string[];
  readonly handler: Handler;
}

/** Whether the member is well. */
const healthRoutes: readonly Route[] = [
  page('/health', showHealth),
  ...probe('/livez', livenessChecks),
  ...probe('/readyz', readinessChecks),
];

/** The pages that carry little load, and change nothing. As in etcd, few of them know HEAD. */
const routes: readonly Route[] = [
  ...healthRoutes,
  page('/version', showVersion),
  page('/openapi.json', showOpenApi),
  { path: '/v2/machines', methods: ['GET', 'HEAD'], handler: listMachines },
  { path: '/v2/leader', methods: ['GET', 'HEAD'], handler: showLeaderUrl },
  { path: '/v2/members', methods: ['GET', 'POST'], handler: serveMembers },
  { path: '/v2/members/', methods: ['GET', 'POST'], handler: serveMembers },
  page('/v2/members/leader', showLeadingMember),
  { path: '/v2/members/*name', methods: ['GET', 'PUT', 'DELETE'], handler: serveMember },
  { path: '/v2/auth/enable', methods: ['GET', 'PUT', 'DELETE'], handler: serveAuthState },
  page('/v2/auth/self', showOwnRights),
  page('/v2/auth/users', listUsers),
  page('/v2/auth/users/', listUsers),
  { path: '/v2/auth/users/*name', methods: ['GET', 'PUT', 'DELETE'], handler: serveUser },
  page('/v2/auth/roles', listRoles),
  page('/v2/auth/roles/', listRoles),
  { path: '/v2/auth/roles/*name', methods: ['GET', 'PUT', 'DELETE'], handler: serveRole },
  page('/v2/stats/self', showSelf),
  page('/v2/stats/leader', showFollowers),
  page('/v2/stats/store', showStore),
  page('/v2/stats/cluster', showOverview),
  page('/v2/stats/history', showHistory),
];

function page(path: string, handler: Handler): Route {
  return { path, methods: ['GET'], handler };
}

/** One page for all checks together, and one for each check alone. */
function probe(path: string, checks: readonly Check[]): readonly Route[] {
  return [
    page(path, (context, { query }) => runChecks(checks, context, query)),
    ...checks.map((check) =>
      page(`${path}/${check.name}`, (context, { query }) => runChecks([check], context, query)),
    ),
  ];
}

/** What the pages are made of. */
export interface PageSources {
  readonly context: ServiceContext;
  readonly metrics: MetricsPage;
  readonly logger: Logger;
}

/** All pages, and the dashboard. */
export function createKoaApp(sources: PageSources, dashboard: Assets): Koa {
  const { context, metrics, logger } = sources;
  const app = newApp(logger);
  app.use(async (ctx, next) => {
    await next();
    const method = ctx.method === 'GET' ? 'GET' : 'other';
    context.requestCounts.answered('other', method, ctx.status, undefined);
  });
  app.use(async (ctx, next) => {
    const entry = context.audit?.begin(ctx.req, ctx.path, certificateOf(ctx.req.socket));
    ctx.state[auditedAs] = entry;
    await next();
    await entry?.end({ status: ctx.status, index: undefined });
  });
  app.use(serveDashboard(context, dashboard, logger));
  const all = [...routes, page('/metrics', () => showMetrics(metrics))];
  app.use(serveRoutes(all, sources, pageRights).routes());
  app.use((ctx) => reply(ctx, notFound));
  return app;
}

/** Only what those need who watch over the member: it may be reachable where no client is. */
export function createMonitoringApp(sources: PageSources): Koa {
  const { metrics, logger } = sources;
  const app = newApp(logger);
  app.use(
    serveRoutes(
      [...healthRoutes, page('/metrics', () => showMetrics(metrics))],
      sources,
      monitoringRights,
    ).routes(),
  );
  app.use((ctx) => reply(ctx, notFound));
  return app;
}

function newApp(logger: Logger): Koa {
  const app = new Koa();
  app.on('error', (error: unknown) => {
    // Thrown here, it leaves koa, which would answer it, and stops the process.
    if (error instanceof AssertionError) throw error;
    logger.error({ err: error }, 'a request failed unexpectedly');
  });
  return app;
}

function serveRoutes(
  served: readonly Route[],
  { context, logger }: Pick<PageSources, 'context' | 'logger'>,
  rightsOf: typeof pageRights,
): Router {
  const router = new Router({ sensitive: true, strict: true });
  for (const { path, methods, handler } of served) {
    router.all(path, async (ctx) => {
      if (!methods.includes(ctx.method)) return reply(ctx, methodNotAllowed(methods));
      const rights = rightsOf(path, ctx.method);
      const served = () =>
        admitted(context, ctx, rights).then((identity) =>
          handler(context, pageRequest(ctx, identity)),
        );
      reply(ctx, await answer(context, logger, served));
    });
  }
  return router;
}

/** Where a request has its line of the audit log. */
const auditedAs = 'audited';

function entryOf(ctx: Koa.Context): AuditEntry | undefined {
  const entry: unknown = ctx.state[auditedAs];
  return entry instanceof AuditEntry ? entry : undefined;
}

/** Lets the request in if its user may do what it asks for, and tells who that is. */
async function admitted(
  context: ServiceContext,
  ctx: Koa.Context,
  rights: readonly Right[],
): Promise<Identity | undefined> {
  const entry = entryOf(ctx);
  entry?.demand();
  if (rights.length === 0) return undefined;
  const identity = await callerOf(context, ctx.req);
  entry?.askedBy(identity);
  await demand(context, identity, () => rights);
  return identity;
}

/** Longer than any body that a page takes: a role with some thousand patterns. */
const pageBodyBytesMax = 256 * 1024;

function pageRequest(ctx: Koa.Context, identity: Identity | undefined): PageRequest {
  const name: unknown = ctx['params']['name'];
  return {
    method: ctx.method,
    query: new URLSearchParams(ctx.querystring),
    name: typeof name === 'string' ? name : '',
    identity,
    contentType: ctx.get('Content-Type'),
    readBody: () => readBody(ctx.req, ctx.res, pageBodyBytesMax),
  };
}

/** A request that fails is answered as on the fast path, and one without the right as by etcd. */
async function answer(
  context: ServiceContext,
  logger: Logger,
  serve: () => Promise<TextResponse>,
): Promise<TextResponse> {
  try {
    return await serve();
  } catch (error) {
    if (error instanceof ApiError && error.error === 'unauthorized') {
      return messageReply(context, 401, error.cause);
    }
    return failureReply(context, logger, error, undefined);
  }
}

/** Runs before the router, which would unescape the path; here a path is only compared. */
function serveDashboard(
  context: ServiceContext,
  dashboard: Assets,
  logger: Logger,
): Koa.Middleware {
  return (ctx, next) => {
    // A relative location keeps the prefix that a proxy adds.
    if (`${ctx.path}/` === dashboardPath) return reply(ctx, redirect(308, 'dashboard/'));
    const isRead = ['GET', 'HEAD'].includes(ctx.method);
    if (ctx.path === '/' && isRead) return reply(ctx, redirect(302, dashboardPath.slice(1)));
    if (!ctx.path.startsWith(dashboardPath)) return next();
    if (!isRead) return reply(ctx, methodNotAllowed(['GET', 'HEAD']));
    try {
      checkNoParameters(new URLSearchParams(ctx.querystring));
    } catch (error) {
      return reply(ctx, failureReply(context, logger, error, undefined));
    }
    reply(ctx, servePage(dashboard, ctx.path, ctx.headers));
  };
}

function redirect(status: number, location: string): PageResponse {
  return { status, headers: { Location: location }, body: '' };
}

function reply(ctx: Koa.Context, { status, headers, body }: PageResponse): void {
  ctx.status = status;
  for (const [name, value] of Object.entries(headers)) ctx.set(name, String(value));
  ctx.body = body;
}
