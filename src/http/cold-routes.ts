import Router from '@koa/router';
import Koa from 'koa';
import type { Logger } from '../logger.js';
import { methodNotAllowed, notFound, type TextResponse } from './api-response.js';
import {
  type Check,
  livenessChecks,
  readinessChecks,
  runChecks,
  showHealth,
} from './cluster/health.js';
import {
  listMachines,
  listMembers,
  noSuchMember,
  showLeaderUrl,
  showLeadingMember,
} from './cluster/members.js';
import { showOverview } from './cluster/overview.js';
import { showFollowers, showSelf, showStore } from './cluster/stats.js';
import { showVersion } from './cluster/version.js';
import type { ColdRequest } from './cold-request.js';
import type { ApiContext } from './context.js';
import type { Assets } from './dashboard/assets.js';
import { dashboardPath, type PageResponse, servePage } from './dashboard/page.js';

type ColdHandler = (
  context: ApiContext,
  request: ColdRequest,
) => TextResponse | Promise<TextResponse>;

interface ColdRoute {
  readonly path: string;
  readonly methods: readonly string[];
  readonly handler: ColdHandler;
}

/** What is asked for now and then, and only to be read. As in etcd, few pages know HEAD. */
const coldRoutes: readonly ColdRoute[] = [
  page('/version', showVersion),
  page('/health', showHealth),
  ...probe('/livez', livenessChecks),
  ...probe('/readyz', readinessChecks),
  { path: '/v2/machines', methods: ['GET', 'HEAD'], handler: listMachines },
  { path: '/v2/leader', methods: ['GET', 'HEAD'], handler: showLeaderUrl },
  page('/v2/members', listMembers),
  page('/v2/members/', listMembers),
  page('/v2/members/leader', showLeadingMember),
  page('/v2/members/*other', noSuchMember),
  page('/v2/stats/self', showSelf),
  page('/v2/stats/leader', showFollowers),
  page('/v2/stats/store', showStore),
  page('/v2/stats/cluster', showOverview),
];

function page(path: string, handler: ColdHandler): ColdRoute {
  return { path, methods: ['GET'], handler };
}

/** All checks together, and each one alone. */
function probe(path: string, checks: readonly Check[]): readonly ColdRoute[] {
  return [
    page(path, (context, request) => runChecks(checks, context, request)),
    ...checks.map((check) =>
      page(`${path}/${check.name}`, (context, request) => runChecks([check], context, request)),
    ),
  ];
}

export function createColdApp(context: ApiContext, dashboard: Assets, logger: Logger): Koa {
  const router = new Router({ sensitive: true, strict: true });
  for (const { path, methods, handler } of coldRoutes) {
    router.all(path, async (ctx) => {
      const request = { query: new URLSearchParams(ctx.querystring) };
      const isServed = methods.includes(ctx.method);
      reply(ctx, isServed ? await handler(context, request) : methodNotAllowed(methods));
    });
  }
  const app = new Koa();
  app.on('error', (error: unknown) => {
    logger.error({ err: error }, 'a request failed unexpectedly');
  });
  app.use(serveDashboard(dashboard));
  app.use(router.routes());
  app.use((ctx) => reply(ctx, notFound));
  return app;
}

/** Before the router, which would unescape what is only to be compared. */
function serveDashboard(dashboard: Assets): Koa.Middleware {
  return (ctx, next) => {
    if (`${ctx.path}/` === dashboardPath) {
      // Relative, so that the prefix of a proxy stays.
      ctx.set('Location', 'dashboard/');
      ctx.status = 308;
      ctx.body = '';
      return;
    }
    if (!ctx.path.startsWith(dashboardPath)) return next();
    if (!['GET', 'HEAD'].includes(ctx.method)) return reply(ctx, methodNotAllowed(['GET', 'HEAD']));
    reply(ctx, servePage(dashboard, ctx.path, ctx.headers));
  };
}

function reply(ctx: Koa.Context, { status, headers, body }: PageResponse): void {
  ctx.status = status;
  for (const [name, value] of Object.entries(headers)) ctx.set(name, String(value));
  ctx.body = body;
}
