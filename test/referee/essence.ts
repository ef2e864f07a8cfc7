import type { Answer } from './exchange.js';

/**
 * What of an answer must be the same wherever it comes from. What differs by nature is put into a
 * form that does not: this is the only place where that is done.
 */
export interface Essence {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly open: boolean;
}

/** Of the connection and not of the answer. */
const ofTheConnection = new Set([
  'Connection',
  'Content-Length',
  'Date',
  'Keep-Alive',
  'Transfer-Encoding',
]);

/** Each cluster has its own id, and its own count of entries and terms; but all have them. */
const ofTheCluster: readonly (readonly [name: string, shape: RegExp, sign: string])[] = [
  ['X-Etcd-Cluster-Id', /^[0-9a-f]{1,16}$/, 'hex'],
  ['X-Raft-Index', /^[1-9][0-9]*$/, 'number'],
  ['X-Raft-Term', /^[1-9][0-9]*$/, 'number'],
];

/** Clocks of two processes, or the way of an answer, may make that much of a difference. */
const slackMs = 2_000;
/** An event of the past shows what was left then. */
const eventAgeMaxMs = 600_000;

/** @param receivedAt wall time at which the answer came. */
export function essenceOf(answer: Answer, receivedAt: number): Essence {
  const headers: Record<string, string> = {};
  const sorted = [...answer.headers].sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [name, value] of sorted) {
    if (!ofTheConnection.has(name)) headers[name] = normalHeader(name, value);
  }
  const { status, open } = answer;
  return { status, headers, body: normalBody(answer.body, receivedAt), open };
}

function normalHeader(name: string, value: string): string {
  const [, shape, sign] = ofTheCluster.find(([header]) => header === name) ?? [];
  return shape?.test(value) === true ? `(${sign})` : value;
}

/** An expiration is a wall time: it has to fit the ttl beside it, which is compared as it is. */
function normalBody(body: string, receivedAt: number): string {
  const isRead = body.startsWith('{"action":"get"');
  return body.replace(
    /"expiration":"([^"]*)"(?:,"ttl":(-?\d+))?/g,
    (_, expiration: string, ttl: string | undefined) => {
      const fits = expirationFits(expiration, Number(ttl ?? 0), receivedAt, isRead);
      const shown = fits ? 'fits' : `${expiration} does not fit`;
      return `"expiration":"${shown}"${ttl === undefined ? '' : `,"ttl":${ttl}`}`;
    },
  );
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

function expirationFits(
  expiration: string,
  ttlSeconds: number,
  receivedAt: number,
  isRead: boolean,
): boolean {
  if (!rfc3339.test(expiration)) return false;
  const shownAt = Date.parse(expiration) - 1000 * ttlSeconds;
  const ageMax = isRead ? slackMs : eventAgeMaxMs;
  return shownAt <= receivedAt + slackMs && shownAt >= receivedAt - ageMax;
}

/**
 * For two servers whose clocks run by themselves: a ttl may be read just before and just after a
 * second is over.
 */
export function loosened(essence: Essence, reference: Essence): Essence {
  const ttls = [...reference.body.matchAll(/"ttl":(-?\d+)/g)].map(([, ttl]) => Number(ttl));
  const body = essence.body.replace(/"ttl":(-?\d+)/g, (text, ttl: string) => {
    const expected = ttls.shift();
    if (expected === undefined) return text;
    return Math.abs(Number(ttl) - expected) <= 2 ? `"ttl":${expected}` : text;
  });
  return { ...essence, body };
}
