import Router from '@koa/router';
import Koa from 'koa';
import type { Logger } from '../logger.js';
import { showHealth, showLiveness, showReadiness, showVersion } from './cluster/health.js';
import {
  listMachines,
  listMembers,
  noSuchMember,
  showLeaderUrl,
  showLeadingMember,
} from './cluster/members.js';
import { showOverview } from './cluster/overview.js';
import { showFollowers, showSelf, showStore } from './cluster/stats.js';
import type { FaceContext } from './context.js';
import { methodNotAllowed, notFound, type TextResponse } from './face-response.js';

type ColdHandler = (context: FaceContext) => TextResponse | Promise<TextResponse>;

/** What is asked for now and then, and only to be read. */
const coldRoutes: readonly (readonly [path: string, handler: ColdHandler])[] = [
  ['/version', showVersion],
  ['/health', showHealth],
  ['/livez', showLiveness],
  ['/readyz', showReadiness],
  ['/v2/machines', listMachines],
  ['/v2/leader', showLeaderUrl],
  ['/v2/members', listMembers],
  ['/v2/members/leader', showLeadingMember],
  ['/v2/members/:id', noSuchMember],
  ['/v2/stats/self', showSelf],
  ['/v2/stats/leader', showFollowers],
  ['/v2/stats/store', showStore],
  ['/v2/stats/cluster', showOverview],
];

export function createColdApp(context: FaceContext, logger: Logger): Koa {
  const router = new Router({ sensitive: true });
  for (const [path, handler] of coldRoutes) {
    router.get(path, async (ctx) => reply(ctx, await handler(context)));
    router.all(path, (ctx) => reply(ctx, methodNotAllowed(['GET', 'HEAD'])));
  }
  const app = new Koa();
  app.on('error', (error: unknown) => {
    logger.error({ err: error }, 'a request failed unexpectedly');
  });
  app.use(router.routes());
  app.use((ctx) => reply(ctx, notFound));
  return app;
}

function reply(ctx: Koa.Context, { status, headers, body }: TextResponse): void {
  ctx.status = status;
  for (const [name, value] of Object.entries(headers)) ctx.set(name, String(value));
  ctx.body = body;
}
