import type { IncomingMessage } from 'node:http';
import { failure, ok, type Result } from '../../result.js';

/** A registered name or an IP address, perhaps with a port: RFC 3986, section 3.2.2. */
const wellFormed = /^(?:[\w.~%!$&'()*+;=-]*|\[[\da-f:.]+(?:%[\w.~%-]+)?\])(?::\d*)?$/i;

const absolute = /^https?:\/\/([^/?#]*)/i;

/**
 * The host that a request is for, perhaps with a port; empty when it names none. That in its target
 * counts, if it is absolute (RFC 9112, section 3.2.2). A failure is why nobody could tell.
 */
export function requestHost(message: IncomingMessage): Result<string, string> {
  const named = hostHeaders(message.rawHeaders);
  const [header] = named;
  if (named.length > 1) return failure('a request has one Host header');
  if (header === undefined && message.httpVersion !== '1.0') {
    return failure('a request of HTTP/1.1 has a Host header');
  }
  const target = absolute.exec(message.url ?? '')?.[1];
  for (const host of [header ?? '', target ?? '']) {
    if (!wellFormed.test(host)) return failure('the host is malformed');
  }
  return ok(target ?? header ?? '');
}

function hostHeaders(rawHeaders: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') found.push(rawHeaders[at + 1] ?? '');
  }
  return found;
}
