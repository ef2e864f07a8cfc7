import type { AdminKind } from '../../command/permissions.js';
import type { LockRight, Right } from '../../command/right.js';
import type { KeysView } from '../../view/keys-view.js';
import { headKeyRights, keyRights } from '../keys/key-rights.js';
import { headLockRights, lockRights } from '../modules/lock-rights.js';
import type { ApiRequest, RequestHead } from '../server/api-request.js';

/*
 * What every request needs of its user while users are asked for, in this one file. A route that is
 * not here is closed to everybody but root.
 */

type Rights = readonly Right[];

/** Nothing is asked of anybody. */
const open: Rights = [];
const onlyRoot: Rights = [{ type: 'root' }];
const anyClient: Rights = [{ type: 'client' }];

function admin(kind: AdminKind): Rights {
  return [{ type: 'admin', kind }];
}

/** By method; `*` stands for those that are not named. */
type ByMethod = Readonly<Record<string, Rights>>;

/** The routes that are pages, by the path under which koa serves them. */
const pages: Readonly<Record<string, ByMethod>> = {
  '/livez': { '*': open },
  '/readyz': { '*': open },
  '/health': { '*': open },
  '/version': { '*': open },
  '/openapi.json': { '*': anyClient },
  '/metrics': { '*': admin('status') },
  '/v2/machines': { '*': anyClient },
  '/v2/leader': { '*': anyClient },
  '/v2/members': { GET: anyClient, '*': admin('members') },
  '/v2/members/': { GET: anyClient, '*': admin('members') },
  '/v2/members/leader': { '*': anyClient },
  '/v2/members/*name': { GET: anyClient, '*': admin('members') },
  '/v2/auth/enable': { GET: open, '*': admin('auth') },
  '/v2/auth/self': { '*': anyClient },
  '/v2/auth/users': { '*': admin('auth') },
  '/v2/auth/users/': { '*': admin('auth') },
  '/v2/auth/users/*name': { '*': admin('auth') },
  '/v2/auth/roles': { '*': admin('auth') },
  '/v2/auth/roles/': { '*': admin('auth') },
  '/v2/auth/roles/*name': { '*': admin('auth') },
  '/v2/stats/self': { '*': admin('status') },
  '/v2/stats/leader': { '*': admin('status') },
  '/v2/stats/store': { '*': admin('status') },
  '/v2/stats/cluster': { '*': admin('status') },
  '/v2/stats/history': { '*': admin('status') },
};

/** The checks of health, each at an address of its own. */
const openBelow = ['/livez/', '/readyz/'];

/** @param path as it stands in the table of routes. */
export function pageRights(path: string, method: string): Rights {
  if (openBelow.some((prefix) => path.startsWith(prefix))) return open;
  const methods = pages[path];
  return methods?.[method] ?? methods?.['*'] ?? onlyRoot;
}

/** The addresses for those who watch over the member ask nothing: see `--listen-metrics-urls`. */
export function monitoringRights(): Rights {
  return open;
}

/** Both throw an ApiError for a malformed request, as its handler would. */
export interface FastRights {
  /** What a request on the fast path needs, by the state as it is now. */
  of(request: ApiRequest, keys: Pick<KeysView, 'isDirectory'>): Rights;
  /** The part of it that is known before its body, which may hold any of its parameters. */
  ofHead(head: RequestHead): Rights;
}

const fastRoutes: Readonly<Record<string, FastRights>> = {
  '/v2/keys': { of: keyRights, ofHead: headKeyRights },
  '/mod/v2/lock': locksOf('lock'),
  '/mod/v2/leader': locksOf('leader'),
  '/v2/admin/transfer-leadership': always(admin('members')),
  '/v2/admin/backup': always(admin('backup')),
};

function locksOf(space: LockRight['space']): FastRights {
  return {
    of: (request) => lockRights(space, request),
    ofHead: (head) => headLockRights(space, head),
  };
}

function always(rights: Rights): FastRights {
  return { of: () => rights, ofHead: () => rights };
}

/** @param prefix of the route. */
export function fastRights(prefix: string): FastRights {
  return fastRoutes[prefix] ?? always(onlyRoot);
}
