import type { ApiRequest } from './api-request.js';
import type { ApiResponse } from './api-response.js';
import type { ApiContext } from './context.js';
import type { Repeats } from './form.js';
import { keyMethods, serveKeys } from './keys/keys.js';
import { electionMethods, serveElection } from './modules/election.js';
import { lockMethods, serveLock } from './modules/lock.js';

/** A part of the API that is served without a framework, since most of the load is here. */
export interface HotRoute {
  readonly prefix: string;
  readonly methods: readonly string[];
  readonly serve: (context: ApiContext, request: ApiRequest) => Promise<ApiResponse>;
  /** A request that cannot be parsed was compared with no state, says etcd's key API. */
  readonly malformedIndex: 0 | undefined;
  /** Etcd takes the first. A wrong guess about a lock is worse than none. */
  readonly repeats: Repeats;
}

export const hotRoutes: readonly HotRoute[] = [
  {
    prefix: '/v2/keys',
    methods: keyMethods,
    serve: serveKeys,
    malformedIndex: 0,
    repeats: 'first counts',
  },
  {
    prefix: '/mod/v2/lock',
    methods: lockMethods,
    serve: serveLock,
    malformedIndex: undefined,
    repeats: 'refused',
  },
  {
    prefix: '/mod/v2/leader',
    methods: electionMethods,
    serve: serveElection,
    malformedIndex: undefined,
    repeats: 'refused',
  },
];
