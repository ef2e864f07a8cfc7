import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

interface Refusal {
  readonly status: number;
  readonly why: string;
}

const malformed: Refusal = { status: 400, why: 'the request is not well-formed HTTP/1.1' };

/** By the codes of Node's parser; whatever else it finds is malformed. */
const refusals = new Map<string, Refusal>([
  ['HPE_HEADER_OVERFLOW', { status: 431, why: 'the request line and headers are too long' }],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', { status: 413, why: 'the chunk extensions are too long' }],
  ['ERR_HTTP_REQUEST_TIMEOUT', { status: 408, why: 'the request took too long to come' }],
]);

/** Answers what never became a request, or did not come whole, and closes the connection. */
export function refuseBrokenRequest(error: Error, socket: Duplex, isTaken: boolean): void {
  if (!socket.writable || isTaken) {
    socket.destroy();
    return;
  }
  const { status, why } = refusals.get('code' in error ? String(error.code) : '') ?? malformed;
  const body = `${why}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n` +
      'Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n' +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
}
