import Router from '@koa/router';
import Koa from 'koa';
import { AssertionError } from '../assert.js';
import type { Logger } from '../logger.js';
import type { ServiceContext } from '../service/service-context.js';
import { listRoles, listUsers, serveAuthState, serveRole, serveUser } from './cluster/auth.js';
import {
  type Check,
  livenessChecks,
  readinessChecks,
  runChecks,
  showHealth,
} from './cluster/health.js';
import { showHistory } from './cluster/history.js';
import type { PageRequest } from './cluster/json-page.js';
import {
  listMachines,
  serveMember,
  serveMembers,
  showLeaderUrl,
  showLeadingMember,
} from './cluster/members.js';
import { showOverview } from './cluster/overview.js';
import { showFollowers, showSelf, showStore } from './cluster/stats.js';
import { showVersion } from './cluster/version.js';
import type { Assets } from './dashboard/assets.js';
import { dashboardPath, type PageResponse, servePage } from './dashboard/page.js';
import { failureReply } from './failure-reply.js';
import { checkNoParameters } from './modules/known-parameters.js';
import { methodNotAllowed, notFound, type TextResponse } from './server/api-response.js';

type Handler = (
  context: ServiceContext,
  request: PageRequest,
) => TextResponse | Promise<TextResponse>;

interface Route {
  readonly path: string;
  readonly methods: readonly string[];
  readonly handler: Handler;
}

/** The pages that carry little load, and change nothing. As in etcd, few of them know HEAD. */
const routes: readonly Route[] = [
  page('/version', showVersion),
  page('/health', showHealth),
  ...probe('/livez', livenessChecks),
  ...probe('/readyz', readinessChecks),
  { path: '/v2/machines', methods: ['GET', 'HEAD'], handler: listMachines },
  { path: '/v2/leader', methods: ['GET', 'HEAD'], handler: showLeaderUrl },
  { path: '/v2/members', methods: ['GET', 'POST'], handler: serveMembers },
  { path: '/v2/members/', methods: ['GET', 'POST'], handler: serveMembers },
  page('/v2/members/leader', showLeadingMember),
  { path: '/v2/members/*name', methods: ['GET', 'PUT', 'DELETE'], handler: serveMember },
  { path: '/v2/auth/enable', methods: ['GET', 'PUT', 'DELETE'], handler: serveAuthState },
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

export function createKoaApp(context: ServiceContext, dashboard: Assets, logger: Logger): Koa {
  const router = new Router({ sensitive: true, strict: true });
  for (const { path, methods, handler } of routes) {
    router.all(path, async (ctx) => {
      if (!methods.includes(ctx.method)) return reply(ctx, methodNotAllowed(methods));
      const name: unknown = ctx.params['name'];
      const request = {
        method: ctx.method,
        query: new URLSearchParams(ctx.querystring),
        name: typeof name === 'string' ? name : '',
      };
      reply(ctx, await answer(context, logger, handler, request));
    });
  }
  const app = new Koa();
  app.on('error', (error: unknown) => {
    // Thrown here, it leaves koa, which would answer it, and stops the process.
    if (error instanceof AssertionError) throw error;
    logger.error({ err: error }, 'a request failed unexpectedly');
  });
  app.use(serveDashboard(context, dashboard, logger));
  app.use(router.routes());
  app.use((ctx) => reply(ctx, notFound));
  return app;
}

/** A request that fails is answered as on the fast path. */
async function answer(
  context: ServiceContext,
  logger: Logger,
  handler: Handler,
  request: PageRequest,
): Promise<TextResponse> {
  try {
    return await handler(context, request);
  } catch (error) {
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
