import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { plainError } from './api-response.js';
import { type HeadLimits, oversizedHead, refuseBrokenRequest } from './broken-request.js';
import { probeDelayMs } from './dead-peer-detector.js';
import { noteExpectation } from './expectation.js';
import { send } from './send.js';
import { Turns } from './turns.js';

export interface HttpServerLimits extends HeadLimits {
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
  /** Requests on one connection that came before the answers to earlier ones. */
  readonly maxPipelined: number;
  readonly maxConnections: number;
}

export const defaultLimits: HttpServerLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  checkIntervalMs: 5_000,
  maxHeadBytes: 16_384,
  maxHeadersCount: 100,
  maxPipelined: 1000,
  maxConnections: 40_000,
};

/**
 * Clients that send slowly are cut off; those that wait for a lock or a watch are not: no limit
 * counts the time in which the server owes the answer.
 */
export function createHttpServer(
  handler: (message: IncomingMessage, response: ServerResponse) => void,
  limits: HttpServerLimits,
): Server {
  const server = createServer({
    maxHeaderSize: limits.maxHeadBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    keepAlive: true,
    keepAliveInitialDelay: probeDelayMs,
    noDelay: true,
  });
  server.maxHeadersCount = limits.maxHeadersCount;
  server.maxConnections = limits.maxConnections;
  const turns = new Turns(limits.maxPipelined);
  const serve = (message: IncomingMessage, response: ServerResponse) =>
    turns.take(message, response, () => {
      // Older versions of Node leave out the headers beyond the limit, and one of those may be what matters.
      if (message.rawHeaders.length > 2 * limits.maxHeadersCount) refuseFlood(response, limits);
      else handler(message, response);
    });
  server.on('request', serve);
  server.on('checkContinue', (message: IncomingMessage, response: ServerResponse) => {
    noteExpectation(message, response);
    serve(message, response);
  });
  server.on('checkExpectation', (message: IncomingMessage, response: ServerResponse) =>
    turns.take(message, response, () => refuseExpectation(response)),
  );
  server.on('clientError', (error, socket) =>
    refuseBrokenRequest(error, socket, turns.isTaken(socket), limits),
  );
  return server;
}

function refuseFlood(response: ServerResponse, limits: HeadLimits): void {
  const { status, why } = oversizedHead(limits);
  send(response, plainError(status, why, { Connection: 'close' }));
}

function refuseExpectation(response: ServerResponse): void {
  send(response, plainError(417, 'only 100-continue can be expected', { Connection: 'close' }));
}
