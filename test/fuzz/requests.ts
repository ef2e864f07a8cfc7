import fc from 'fast-check';

/**
 * Well-formed as HTTP, and as wild as that allows. It never waits, so that others can follow it.
 */
export interface WildRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly body: string | undefined;
  readonly chunked: boolean;
}

const method = fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH');

const keysPrefix = '/v2/keys/f';
const modulePrefixes = ['/mod/v2/lock/', '/mod/v2/leader/', '/mod/v2/lock', '/mod/v2'];
const pages = [
  ...['/version', '/health', '/livez', '/readyz', '/v2/machines', '/v2/leader', '/v2/members'],
  ...['/v2/members/x', '/v2/stats/self', '/v2/stats/store', '/', '/nowhere', '/v2', '*', '//'],
];

const segment = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'd', '_hidden', '__proto__', 'constructor', 'toString', '0'),
  fc.constantFrom('..', '.', '', '%2e%2e', '%2E', '%2f', '%5c', '\\', '%00', '%zz', '%', '%e2%82'),
  fc.constantFrom('%ff', '%C3%A4', '%F0%9F%98%80', '%ED%A0%80', '+', ';', '&=', '<>', '"'),
  fc.constantFrom(
    '00000000000000000007',
    '_etcd',
    'mod',
    'lock',
    'x'.repeat(300),
    'a/'.repeat(260),
  ),
);
const path = fc.array(segment, { maxLength: 5 }).map((segments) => segments.join('/'));

const name = fc.constantFrom(
  ...['value', 'ttl', 'dir', 'recursive', 'sorted', 'waitIndex', 'stream', 'quorum', 'prevValue'],
  ...['prevIndex', 'prevExist', 'refresh', 'noValueOnSuccess', 'index', 'name', 'field', 'limit'],
  ...['__proto__', '', 'n%zz', '%00', 'VALUE', 'x'.repeat(200)],
);
const value = fc.oneof(
  fc.constantFrom('', 'false', 't', '0', '1', '-1', '1.5', '1e3', '0x10', 'NaN', '5', '00', '+1'),
  fc.constantFrom('9007199254740993', '18446744073709551616', '9'.repeat(400), '%zz', '%ff', '%00'),
  fc.constantFrom('a+b', '<&>', '%E2%80%A8', 'a;b', 'x'.repeat(3000), 'value', 'index'),
  fc.string({ maxLength: 8 }).map(encodeURIComponent),
);
const pair = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(name, value).map(([n, v]) => `${n}=${v}`) },
  { weight: 1, arbitrary: fc.constantFrom('', '=', 'value', '&&', 'a=b=c', ';', 'wait=maybe') },
);
const form = fc.array(pair, { maxLength: 5 }).map((pairs) => pairs.join('&'));

const header = fc.constantFrom(
  'Content-Type: application/x-www-form-urlencoded; charset=utf-8',
  'Content-Type: application/x-www-form-urlencoded; charset=latin1',
  'Content-Type: application/json',
  'Content-Type: ;;;',
  'Content-Encoding: gzip',
  'Accept: application/json',
  'Accept: \xff',
  'Origin: http://page.example',
  'Origin: null',
  'Cookie: __proto__=1',
  'Expect: 100-continue',
  `X-Long: ${'y'.repeat(2000)}`,
);

const keyTarget = fc.tuple(path, form).map(([p, q]) => `${keysPrefix}/${p}?${q}`);
const otherTarget = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...modulePrefixes), path, form)
      .map(([prefix, p, q]) => `${prefix}${p}?timeout=0&${q}`),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...pages), form).map(([p, q]) => `${p}?${q}`) },
);

function requestFor(target: fc.Arbitrary<string>): fc.Arbitrary<WildRequest> {
  return fc.record({
    method,
    target,
    headers: fc.array(header, { maxLength: 2 }),
    body: fc.option(form, { nil: undefined }),
    chunked: fc.boolean(),
  });
}

export const wildKeyRequest = requestFor(keyTarget);
export const wildOtherRequest = requestFor(otherTarget);

/** Byte by byte: a string stands for its Latin-1 bytes. */
export function toBytes({ method, target, headers, body, chunked }: WildRequest): string {
  const type = 'Content-Type: application/x-www-form-urlencoded';
  const own = headers.some((one) => one.startsWith('Content-Type')) ? [] : [type];
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: x', ...own, ...headers];
  if (body === undefined) return `${lines.join('\r\n')}\r\n\r\n`;
  const head = [
    ...lines,
    chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`,
  ];
  const chunks = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`;
  return `${head.join('\r\n')}\r\n\r\n${chunked ? `${chunks}0\r\n\r\n` : body}`;
}

/** Bytes that may be a request, or were one. */
export const rawBytes: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)) }),
  fc
    .tuple(
      fc.oneof(wildKeyRequest, wildOtherRequest).map(toBytes),
      fc.nat(),
      fc.nat(255),
      fc.constantFrom('flip', 'cut', 'add'),
    )
    .map(([bytes, at, byte, how]) => damage(bytes, at % bytes.length, byte, how)),
  fc.constantFrom(
    'GET /v2/keys/f?wait=true HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /v2/keys/f?wait=true&stream=true&recursive=true HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP',
    'POST /mod/v2/lock/f?ttl=5 HTTP/1.1\r\nHost: x\r\n\r\n',
    'PUT /v2/keys/f HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n',
    'PUT /v2/keys/f HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n',
    'PUT /v2/keys/f HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\nX: y\r\n\r\n',
    'GET /version HTTP/1.0\r\n\r\n',
    'GET /version HTTP/9.9\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ),
);

function damage(bytes: string, at: number, byte: number, how: string): string {
  if (how === 'cut') return bytes.slice(0, at);
  const rest = bytes.slice(how === 'flip' ? at + 1 : at);
  return bytes.slice(0, at) + String.fromCharCode(byte) + rest;
}
