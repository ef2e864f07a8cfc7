import { failure, ok, type Result } from '../result.js';
import { elementsIn, isTime, wallMsOf } from './der-reader.js';

const block = /-----BEGIN X509 CRL-----([\s\S]*?)-----END X509 CRL-----/g;

/** The lists of revoked certificates in a file, each as PEM. */
export function listsIn(pem: string): string[] {
  return pem.match(block) ?? [];
}

/**
 * When the first of the lists is over, in wall time: from then on nobody is accepted whose
 * authority it is of. A failure is a whole sentence.
 */
export function checkLists(source: string, pem: string, now: number): Result<number, string> {
  const lists = [...pem.matchAll(block)].map(([, base64 = '']) => timesOf(base64));
  if (lists.length === 0) {
    return failure(`${source} is not PEM: it has no "-----BEGIN X509 CRL-----"`);
  }
  let until = Number.POSITIVE_INFINITY;
  for (const times of lists) {
    if (times === undefined) return failure(`${source} has a list that cannot be read`);
    const text = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z');
    if (times.next <= now)
      return failure(`${source} has a list that expired at ${text(times.next)}`);
    if (times.from > now) {
      return failure(`${source} has a list that is not valid before ${text(times.from)}`);
    }
    until = Math.min(until, times.next);
  }
  return ok(until);
}

interface Times {
  readonly from: number;
  /** When the next list is due; never, where the list does not say so. */
  readonly next: number;
}

/** What stands in a list on its own, and not for a certificate (RFC 5280, 5.1). */
function timesOf(base64: string): Times | undefined {
  const [list] = elementsIn(Buffer.from(base64, 'base64')) ?? [];
  const [content] = (list && elementsIn(list.content)) ?? [];
  const fields = (content && elementsIn(content.content)) ?? [];
  const [from, next = Number.POSITIVE_INFINITY] = fields.filter(isTime).map(wallMsOf);
  if (from === undefined || Number.isNaN(from) || Number.isNaN(next)) return undefined;
  return { from, next };
}
