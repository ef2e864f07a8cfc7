import { isUtf8 } from 'node:buffer';
import { pathDepthMax } from '../../src/command/path.js';
import { ttlSecondsMax } from '../../src/http/parameters.js';
import { pairsMax } from '../../src/http/server/form.js';
import type { Essence } from './essence.js';
import type { Question } from './exchange.js';

/** Something that Conclave answers in another way than etcd, and why. */
export interface WantedDifference {
  readonly what: string;
  readonly reason: string;
  concerns(question: Question): boolean;
  /** Whether this is the answer that is wanted instead. */
  accepts(ours: Essence): boolean;
}

/**
 * All of them; whatever else differs is a fault. What a recording cannot show: a read is
 * linearizable unless `quorum=false` is given; when there is no leader in time the answer is 503
 * with `Retry-After` instead of 500, so that a client knows that it may ask again; and a body that
 * is too large is refused with 413 in JSON, before it is read whole.
 */
export const wantedDifferences: readonly WantedDifference[] = [
  {
    what: 'a path with a broken escape is refused in JSON',
    reason: 'the same 400, but in the shape of all errors, and it says what was wrong',
    concerns: ({ target }) => /^[^?]*%(?![0-9a-f]{2})/i.test(target),
    accepts: refused(400, 210),
  },
  {
    what: 'bytes that are not ASCII are refused in a target',
    reason:
      'no valid request has them (RFC 9112, 3.2); the parser of Node.js does not let them pass',
    concerns: ({ target }) => /[^\0-\x7f]/.test(target),
    accepts: ({ status }) => status === 400,
  },
  {
    what: 'text that is not UTF-8 is refused',
    reason: 'etcd stores the bytes and shows a replacement, so that nobody can read them again',
    concerns: ({ target, body }) => !isUtf8(unescaped(target)) || !isUtf8(unescaped(body ?? '')),
    accepts: refused(400, 210),
  },
  {
    what: 'the form body of a DELETE is read',
    reason:
      'a condition that a client sends must not be dropped in silence: the key would go without it',
    concerns: ({ method, body }) => method === 'DELETE' && body !== undefined,
    accepts: ({ status, body }) => status === 412 || refused(400, 210)({ status, body }),
  },
  {
    what: 'a form in another charset than UTF-8 is refused',
    reason: 'etcd reads it as UTF-8, and stores something else than what was meant',
    concerns: ({ contentType = '' }) => /charset=(?!"?utf-8)/i.test(contentType),
    accepts: refused(400, 210),
  },
  {
    what: `a form of more than ${pairsMax} fields is refused`,
    reason: 'one request may not hold up all others',
    concerns: ({ target, body = '' }) =>
      fieldCount(target) > pairsMax || fieldCount(body) > pairsMax,
    accepts: refused(400, 210),
  },
  {
    what: 'a TTL of more than a hundred years is refused',
    reason: 'sums of etcd overflow: such a key never expires, or at once',
    concerns: (question) => numbersOf(question, 'ttl').some((ttl) => ttl > BigInt(ttlSecondsMax)),
    accepts: refused(400, 202),
  },
  {
    what: 'an index above 2^53 is refused',
    reason: 'no index will be that high, and a double cannot tell it from its neighbours',
    concerns: (question) =>
      [...numbersOf(question, 'prevIndex'), ...numbersOf(question, 'waitIndex')].some(
        (index) => index > BigInt(Number.MAX_SAFE_INTEGER),
      ),
    accepts: refused(400, 203),
  },
  {
    what: `a path of more than ${pathDepthMax} segments is refused`,
    reason: 'what walks down a tree must end, and soon: one request may not hold up all others',
    concerns: ({ target }) => target.split('/').length > pathDepthMax + 2,
    accepts: refused(400, 210),
  },
  {
    what: 'what lies below /_etcd/mod/lock and /_etcd/mod/leader is changed through the modules only',
    reason: 'a write there would give a lock a second holder',
    concerns: ({ method, target }) =>
      method !== 'GET' && /\/_etcd\/mod\/(?:lock|leader)(?![^/?])/.test(target),
    accepts: refused(400, 107),
  },
];

function refused(wanted: number, errorCode: number) {
  return ({ status, body }: Pick<Essence, 'status' | 'body'>) =>
    status === wanted && body.startsWith(`{"errorCode":${errorCode},`);
}

function fieldCount(text: string): number {
  return text.split('&').length;
}

/** All values of a field that are whole numbers etcd takes. */
function numbersOf({ target, body }: Question, name: string): readonly bigint[] {
  const fields = `${target.slice(target.indexOf('?') + 1)}&${body ?? ''}`;
  return [...fields.matchAll(new RegExp(`(?:^|&)${name}=(\\d+)(?=&|$)`, 'g'))]
    .map(([, digits]) => BigInt(digits ?? 0))
    .filter((value) => value < 2n ** 64n);
}

function unescaped(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}
