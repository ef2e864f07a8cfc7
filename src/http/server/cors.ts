import type { IncomingMessage, ServerResponse } from 'node:http';

const allowMethods = 'GET, HEAD, PUT, POST, DELETE, OPTIONS';
const allowHeaders = 'accept, content-type, authorization, last-event-id';
const exposeHeaders = 'X-Etcd-Cluster-Id, X-Etcd-Index, X-Raft-Index, X-Raft-Term, Retry-After';

/**
 * Permits requests from the pages of the given origins, by default of none: otherwise any web page
 * that is opened inside the network could take its locks.
 */
export class Cors {
  readonly #origins: ReadonlySet<string>;

  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
  }

  /** Answers a preflight request, and returns true for it. */
  handle(message: IncomingMessage, response: ServerResponse): boolean {
    if (this.#origins.size === 0) return false;
    response.setHeader('Vary', 'Origin');
    const { origin } = message.headers;
    if (origin === undefined || !this.#allows(origin)) return false;
    response.setHeader('Access-Control-Allow-Origin', this.#origins.has('*') ? '*' : origin);
    response.setHeader('Access-Control-Allow-Methods', allowMethods);
    response.setHeader('Access-Control-Allow-Headers', allowHeaders);
    response.setHeader('Access-Control-Expose-Headers', exposeHeaders);
    if (message.method !== 'OPTIONS') return false;
    response.writeHead(200, { 'Content-Length': 0 }).end();
    return true;
  }

  #allows(origin: string): boolean {
    return this.#origins.has('*') || this.#origins.has(origin);
  }
}
