import type { Random } from '../simulation/random.js';

/** Few, so that operations meet; some are now files, now directories, now nothing. */
const names = [
  ...['/a', '/a', '/b', '/d', '/d/x', '/d/x', '/d/y', '/d/e/f', '/d/e/g', '/a/under', '/q', '/q'],
  ...['/_h', '/_h/x', '/d/_h', '/d/_h/x', '/new/deep/er', '/.dot', '/...', '/d/_'],
  ...[
    '/é',
    '/日本/x',
    '/😀',
    '/sp ace',
    '/pl+us',
    '/q?m',
    '/100%',
    '/<&>"',
    '/a=b&c',
    '/it;s',
    '/#',
  ],
] as const;

export function randomKey(random: Random, known: readonly string[]): string {
  const kind = random.float();
  if (kind < 0.04) return '/';
  if (kind < 0.5 && known.length > 0) return random.pick(known);
  return random.pick(names);
}

/** A key as a target below `/v2/keys`, in one of the ways to write it. */
export function spell(random: Random, key: string): string {
  const kind = random.float();
  if (key === '/') return random.pick(['/v2/keys', '/v2/keys/']);
  const segments = key.slice(1).split('/').map(encodeURIComponent);
  const plain = `/v2/keys/${segments.join('/')}`;
  if (kind < 0.8) return plain;
  if (kind < 0.83) return `/v2/keys/${segments.join(random.pick(['%2F', '%2f']))}`;
  if (kind < 0.87) return `${plain}/`;
  if (kind < 0.9) return `/v2/keys/${segments.map((part) => bare(part)).join('/')}`;
  if (kind < 0.93) return `/v2/keys/${key.slice(1).split('/').map(escapeAll).join('/')}`;
  if (kind < 0.95) return `/v2/keys%2F${segments.join('/')}`;
  return unclean(random, segments);
}

/** Paths that etcd answers with a redirect. */
function unclean(random: Random, segments: readonly string[]): string {
  const between = random.pick(['//', '/./', '/x/../', '/%2e/', '/x/%2E%2e/', '///', '%2F%2F']);
  const path = segments.join('/');
  return random.pick([
    `/v2/keys${between}${path}`,
    `/v2/keys/${path}${between}`,
    `/v2/keys/${segments.join(between)}${between}z`,
    `/v2/keys/${path}/..`,
    `/v2/../v2/keys/${path}`,
    `//v2/keys/${path}`,
    `/v2//keys/${path}/`,
  ]);
}

/** Only what a target cannot hold is escaped. */
function bare(segment: string): string {
  return decodeURIComponent(segment).replace(/[%?\s]|[^\0-\x7f]/gu, encodeURIComponent);
}

function escapeAll(segment: string): string {
  return [...Buffer.from(segment, 'utf8')]
    .map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
    .join('');
}
