import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '../../command/identity.js';
import { RightLost } from '../../lock/right-lost.js';
import type { Claim, DeadPeerDetector } from '../../service/dead-peer-detector.js';
import type { ApiRequest } from './api-request.js';
import { checkEncoding, hasBody, RequestAborted, readBody } from './body.js';
import {
  checkCharset,
  isForm,
  mergeParameters,
  noParameters,
  type Parameters,
  parseForm,
  type Repeats,
} from './form.js';
import { endWithClient } from './half-close.js';
import { segmentsBelow, type Target } from './target.js';

interface Exchange {
  readonly target: Target;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** Fires when the API closes. */
  readonly closing: AbortSignal;
  readonly deadPeers: DeadPeerDetector;
  readonly identity: Identity | undefined;
  /** Ends the request once it waits and its user loses the right; undefined when nobody asks. */
  readonly revocation: RevocableWait | undefined;
}

interface RevocableWait {
  begin(request: ApiRequest, end: () => void): () => void;
}

/** How the request of one route is read. */
interface Reading {
  readonly prefix: string;
  readonly maxRequestBytes: number;
  readonly receivedAt: number;
  readonly repeats: Repeats;
}

export async function readRequest(exchange: Exchange, reading: Reading): Promise<ApiRequest> {
  const { message, target } = exchange;
  const segments = segmentsBelow(reading.prefix, target.path);
  const body = hasBody(message) ? await readForm(exchange, reading) : noParameters;
  const parameters = mergeParameters(parseForm(target.query, reading.repeats), body);
  return new IncomingRequest(exchange, segments, parameters, reading.receivedAt);
}

/** As in etcd, a body that is no form is ignored. */
async function readForm(
  { message, response }: Exchange,
  { maxRequestBytes, repeats }: Reading,
): Promise<Parameters> {
  checkEncoding(message);
  const type = message.headers['content-type'];
  const form = isForm(type);
  if (form) checkCharset(type);
  const body = await readBody(message, response, maxRequestBytes);
  return form ? parseForm(body, repeats) : noParameters;
}

/** Shared, since capturing a stack for each request costs time. */
const gone = new RequestAborted('the client, or this member, has gone');
const rightLost = new RightLost('the user may no longer do that');

class IncomingRequest implements ApiRequest {
  readonly segments: readonly string[];
  readonly parameters: Parameters;
  readonly receivedAt: number;
  readonly #exchange: Exchange;
  #signal: AbortSignal | undefined;

  constructor(
    exchange: Exchange,
    segments: readonly string[],
    parameters: Parameters,
    receivedAt: number,
  ) {
    this.#exchange = exchange;
    this.segments = segments;
    this.parameters = parameters;
    this.receivedAt = receivedAt;
  }

  get method(): string {
    return this.#exchange.message.method ?? 'GET';
  }

  get headers(): IncomingHttpHeaders {
    return this.#exchange.message.headers;
  }

  get clientAddress(): string {
    const { remoteAddress = '', remotePort = 0 } = this.#exchange.message.socket;
    const host = remoteAddress.replace(/^::ffff:/, '');
    return host.includes(':') ? `[${host}]:${remotePort}` : `${host}:${remotePort}`;
  }

  get identity(): Identity | undefined {
    return this.#exchange.identity;
  }

  /** Made on first use: most requests never wait. A request that uses it does. */
  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const controller = new AbortController();
      abortWhenGone(this.#exchange, controller);
      if (!this.#exchange.response.destroyed) this.#endEarly(controller);
      this.#signal = controller.signal;
    }
    return this.#signal;
  }

  /** Ends what waits with the sending side of its client, and with the right of its user. */
  #endEarly(controller: AbortController): void {
    const { response, revocation } = this.#exchange;
    endWithClient(response);
    if (revocation === undefined) return;
    response.once(
      'close',
      revocation.begin(this, () => controller.abort(rightLost)),
    );
  }

  get closing(): AbortSignal {
    return this.#exchange.closing;
  }

  detectDeadPeer(claim: Claim): void {
    const { deadPeers, message, response } = this.#exchange;
    if (response.destroyed) return;
    // The answer closes before the next request of the connection is served, also a pipelined one.
    deadPeers.detectDeadPeer(claim, message.socket, response);
  }
}

export function untilGone(exchange: Pick<Exchange, 'response' | 'closing'>): AbortSignal {
  const controller = new AbortController();
  abortWhenGone(exchange, controller);
  return controller.signal;
}

/**
 * An answered request is not aborted, since that would cost more than the answer. A response that
 * has closed already will not do so again, and what listens for that would never be taken off.
 */
function abortWhenGone(
  { response, closing }: Pick<Exchange, 'response' | 'closing'>,
  controller: AbortController,
): void {
  const abort = () => controller.abort(gone);
  if (response.destroyed || closing.aborted) {
    abort();
    return;
  }
  response.once('close', () => {
    closing.removeEventListener('abort', abort);
    if (!response.writableFinished) abort();
  });
  closing.addEventListener('abort', abort);
}
