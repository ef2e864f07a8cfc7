import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { Readable } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Statuses whose answers have no body. */
const withoutBody: ReadonlySet<number> = new Set([204, 304]);

/**
 * As much of `fetch` as the client library uses, with certificates of one's own, for which Node's
 * `fetch` has no option. Other URLs than those with https are Node's.
 * @param certificates whom the client trusts, and what it shows.
 */
export function secureFetch(certificates: SecureContextOptions): Fetch {
  const agent = new Agent({ keepAlive: true, ...certificates });
  return (url, init) =>
    url.startsWith('https:') ? ask(agent, url, init) : globalThis.fetch(url, init);
}

async function ask(agent: Agent, url: string, init: RequestInit): Promise<Response> {
  const { method, headers, body, signal } = new Request(url, init);
  const bytes = body === null ? undefined : Buffer.from(await new Response(body).arrayBuffer());
  if (bytes !== undefined) headers.set('Content-Length', String(bytes.length));
  return await new Promise((resolve, reject) => {
    const options = { agent, method, headers: Object.fromEntries(headers), signal };
    const sent = request(url, options, (message) => resolve(responseOf(message)));
    // As `fetch` does it: whoever reads the error looks for its cause.
    sent.once('error', (cause) => reject(new TypeError('fetch failed', { cause })));
    sent.end(bytes);
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
