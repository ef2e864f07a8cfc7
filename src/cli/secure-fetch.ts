import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { Readable } from 'node:stream';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Whom a client trusts, and what it shows; each as PEM. */
export interface ClientCertificates {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** Statuses whose answers have no body. */
const withoutBody: ReadonlySet<number> = new Set([204, 304]);

/**
 * As much of `fetch` as the client library uses, with certificates of one's own, for which Node's
 * `fetch` has no option. Other URLs than those with https are Node's.
 */
export function secureFetch({ ca, cert, key }: ClientCertificates): Fetch {
  const agent = new Agent({
    keepAlive: true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
  return (url, init) =>
    url.startsWith('https:') ? ask(agent, url, init) : globalThis.fetch(url, init);
}

function ask(agent: Agent, url: string, init: RequestInit): Promise<Response> {
  const { method = 'GET', headers, body, signal } = init;
  const given = new Headers(headers);
  const isForm = body instanceof URLSearchParams;
  if (isForm) given.set('Content-Type', 'application/x-www-form-urlencoded;charset=UTF-8');
  const text = isForm ? body.toString() : '';
  if (isForm) given.set('Content-Length', String(Buffer.byteLength(text)));
  return new Promise((resolve, reject) => {
    const options = { agent, method, headers: Object.fromEntries(given) };
    const sent = request(url, signal ? { ...options, signal } : options, (message) =>
      resolve(responseOf(message)),
    );
    // As `fetch` does it: whoever reads the error looks for its cause.
    sent.once('error', (cause) => reject(new TypeError('fetch failed', { cause })));
    sent.end(text);
  });
}

function responseOf(message: IncomingMessage): Response {
  const { statusCode: status = 0, rawHeaders } = message;
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  }
  if (withoutBody.has(status)) {
    message.resume();
    return new Response(null, { status, headers });
  }
  const body = Readable.toWeb(message) as ReadableStream<Uint8Array>;
  return new Response(body, { status, headers });
}
