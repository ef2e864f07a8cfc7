import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface HttpServerLimits {
  /** From the first byte of a request to the end of its head. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to its last; the answer may take as long as it likes. */
  readonly requestTimeoutMs: number;
  /**
   * Between two requests on one connection. A client whose request crosses the close sees a broken
   * connection, so this is longer than most intervals at which a lock is renewed.
   */
  readonly keepAliveTimeoutMs: number;
  /** How often the first two are looked at. */
  readonly checkIntervalMs: number;
  readonly maxHeadersCount: number;
  readonly maxConnections: number;
}

export const defaultLimits: HttpServerLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  checkIntervalMs: 5_000,
  maxHeadersCount: 100,
  maxConnections: 20_000,
};

/**
 * How soon TCP begins to ask a silent client whether it is still there. Node then has it ask ten
 * times, once a second: so a client whose host is gone without a word has left after 15 s.
 */
const probeDelayMs = 5_000;

/**
 * Clients that send slowly are cut off; those that wait for a lock or a watch are not: no limit
 * counts the time in which the server owes the answer.
 */
export function createHttpServer(
  handler: (message: IncomingMessage, response: ServerResponse) => void,
  limits: HttpServerLimits,
): Server {
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
      keepAlive: true,
      keepAliveInitialDelay: probeDelayMs,
      noDelay: true,
    },
    handler,
  );
  server.maxHeadersCount = limits.maxHeadersCount;
  server.maxConnections = limits.maxConnections;
  return server;
}
