import type { IncomingMessage } from 'node:http';
import type { TextResponse } from '../server/api-response.js';
import { refusalReply } from '../server/refusal.js';

/** A page of another origin cannot send it unless a preflight request permits it, and none does. */
const ownHeader = 'x-conclave-request';

const readMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a change that a page of another origin has its browser send, as with a form: the browser
 * may reach what the page's server does not. Undefined for all others. Only a browser sends these
 * headers, and no page can change them.
 * @param origins those of `--cors`.
 */
export function crossSiteRefusal(
  { method = 'GET', headers }: IncomingMessage,
  origins: ReadonlySet<string>,
): TextResponse | undefined {
  if (readMethods.has(method)) return undefined;
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (origin === undefined && site === undefined) return undefined;
  if (site === 'same-origin' || site === 'none') return undefined;
  if (headers[ownHeader] !== undefined) return undefined;
  if (origin !== undefined && (isOf(origin, headers.host) || allows(origins, origin))) {
    return undefined;
  }
  return refused;
}

function isOf(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

function allows(origins: ReadonlySet<string>, origin: string): boolean {
  return origins.has('*') || origins.has(origin);
}

const cause = 'a page of another origin changes nothing here, unless --cors names its origin';
const refused = refusalReply({ status: 403, cause }, {});
