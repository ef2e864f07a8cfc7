import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { probeDelayMs } from '../../service/dead-peer-detector.js';
import {
  type HeadLimits,
  oversizedHead,
  refuseBrokenRequest,
  refuseOnSocket,
} from './broken-request.js';
import { noteExpectation } from './expectation.js';
import { answerHalfClosed } from './half-close.js';
import { answerAtIdleEnd } from './idle-connections.js';
import { lingerAtClose } from './lingering-close.js';
import { PipelineOrder } from './pipeline-order.js';
import { type Refusal, refusalReply } from './refusal.js';
import { createSecureServer, type SecureListening } from './secure-server.js';
import { send } from './send.js';

export interface HttpServerLimits extends HeadLimits {
  /** From the connection to its end, where TLS is spoken. Node's own limit is two minutes. */
  readonly handshakeTimeoutMs: number;
  /** From the first byte of a request to the end of its head. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to its last. The time until the answer does not count. */
  readonly requestTimeoutMs: number;
  /**
   * Between two requests on one connection. A request that crosses the close has to be repeated, so
   * this is longer than most intervals at which clients renew a lock.
   */
  readonly keepAliveTimeoutMs: number;
  /** How often the first two timeouts are checked. */
  readonly checkIntervalMs: number;
  /** Requests on one connection that wait for the answers to earlier ones. */
  readonly maxPipelined: number;
}

export const defaultLimits: HttpServerLimits = {
  handshakeTimeoutMs: 5_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  checkIntervalMs: 5_000,
  maxHeadBytes: 16_384,
  maxHeadersCount: 100,
  maxPipelined: 1000,
};

/**
 * Slow senders are disconnected. Clients that wait for a lock or a watch are not: no timeout runs
 * while the server owes the answer.
 * @param secure undefined for plain HTTP.
 */
export function createHttpServer(
  handler: (message: IncomingMessage, response: ServerResponse) => void,
  limits: HttpServerLimits,
  secure?: SecureListening,
): Server {
  const options = {
    maxHeaderSize: limits.maxHeadBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    keepAlive: true,
    keepAliveInitialDelay: probeDelayMs,
    noDelay: true,
    // Node would refuse it without a reason.
    requireHostHeader: false,
  };
  const isPlain = secure === undefined;
  const server = isPlain
    ? createServer(options)
    : createSecureServer(secure, { ...options, handshakeTimeout: limits.handshakeTimeoutMs });
  server.maxHeadersCount = limits.maxHeadersCount;
  const connectionEvent = isPlain ? 'connection' : 'secureConnection';
  server.on(connectionEvent, lingerAtClose);
  answerHalfClosed(server);
  const pipelineOrder = new PipelineOrder(limits.maxPipelined);
  answerAtIdleEnd(server, connectionEvent, pipelineOrder);
  const serve = (message: IncomingMessage, response: ServerResponse) =>
    pipelineOrder.enqueue(message, response, () => {
      // Older versions of Node drop headers beyond the limit; one of those may change what is
      // asked.
      if (message.rawHeaders.length > 2 * limits.maxHeadersCount)
        refuse(response, oversizedHead(limits));
      else handler(message, response);
    });
  server.on('request', serve);
  server.on('checkContinue', (message: IncomingMessage, response: ServerResponse) => {
    noteExpectation(message, response);
    serve(message, response);
  });
  server.on('checkExpectation', (message: IncomingMessage, response: ServerResponse) =>
    pipelineOrder.enqueue(message, response, () => refuse(response, wrongExpectation)),
  );
  server.on('connect', (_message: IncomingMessage, socket: Duplex) => {
    // Node has let go of the socket: an error that nobody listens to would stop the process.
    socket.on('error', () => socket.destroy());
    socket.resume();
    refuseOnSocket(socket, pipelineOrder.wouldBeMistaken(socket), tunnel);
  });
  server.on('clientError', (error, socket) =>
    refuseBrokenRequest(error, socket, pipelineOrder.wouldBeMistaken(socket), limits),
  );
  return server;
}

const wrongExpectation: Refusal = { status: 417, cause: 'only 100-continue can be expected' };

const tunnel: Refusal = { status: 405, cause: 'this member is no proxy: it has no CONNECT' };

function refuse(response: ServerResponse, refusal: Refusal): void {
  send(response, refusalReply(refusal, { Connection: 'close' }));
}
