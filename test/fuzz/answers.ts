/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/**
 * The next whole answer in `text` from `at` on, and where it ends; undefined when it is not whole.
 */
export function nextAnswer(
  text: string,
  at: number,
  method: string,
): { readonly answer: RawAnswer; readonly end: number } | undefined {
  const headEnd = text.indexOf('\r\n\r\n', at);
  if (headEnd < 0) return undefined;
  const head = text.slice(at, headEnd);
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
  if (!(status >= 100)) throw new Error(`what should be an answer begins ${JSON.stringify(head)}`);
  const start = headEnd + 4;
  if (status === 100) return nextAnswer(text, start, method);
  if (method === 'HEAD' || status === 204)
    return { answer: { status, head, body: '' }, end: start };
  if (/^transfer-encoding: chunked\r?$/im.test(head))
    return chunkedAnswer(text, start, status, head);
  const length = Number(/^content-length: (\d+)\r?$/im.exec(head)?.[1] ?? 0);
  if (text.length < start + length) return undefined;
  const end = start + length;
  return { answer: { status, head, body: text.slice(start, end) }, end };
}

function chunkedAnswer(text: string, start: number, status: number, head: string) {
  let body = '';
  for (let at = start; ; ) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (text.length < end) return undefined;
    if (size === 0) return { answer: { status, head, body }, end };
    body += text.slice(lineEnd + 2, lineEnd + 2 + size);
    at = end;
  }
}

const fine = new Set([200, 201, 301]);
const plain = new Map([
  [404, '404 page not found\n'],
  [405, 'Method Not Allowed\n'],
]);

/** Why nobody should get such an answer; undefined when all is well. */
export function faultOf({ status, head, body }: RawAnswer): string | undefined {
  if (fine.has(status)) return undefined;
  if (status >= 500) return `status ${status}`;
  if (/^content-length: 0\r?$/im.test(head) || body === '') return undefined;
  if (plain.get(status) === body) return undefined;
  if (!/^content-type: application\/json/im.test(head)) return `a body of no known shape: ${body}`;
  const { errorCode, message, index } = JSON.parse(body);
  if (typeof message !== 'string') return `no message: ${body}`;
  // The pages about members have etcd's shape for those: a message alone.
  if (errorCode === undefined && index === undefined) return undefined;
  const isShaped = Number.isInteger(errorCode) && Number.isInteger(index);
  return isShaped ? undefined : `not an error of the API: ${body}`;
}
