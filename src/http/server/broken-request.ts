import type { Duplex } from 'node:stream';
import { endAndLinger } from './lingering-close.js';
import { type Refusal, refusalBytes } from './refusal.js';

const malformed: Refusal = { status: 400, cause: 'the request is not well-formed HTTP/1.1' };

/** By the error codes of Node's parser. Any other code means a malformed request. */
const refusals = new Map<string, Refusal>([
  ['HPE_INVALID_URL', { status: 400, cause: 'the path or query has a byte that must be escaped' }],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', { status: 413, cause: 'the chunk extensions are too long' }],
  ['ERR_HTTP_REQUEST_TIMEOUT', { status: 408, cause: 'the request took too long to come' }],
]);

export interface HeadLimits {
  /** Of the request line and all headers together. It bounds the length of a key, too. */
  readonly maxHeadBytes: number;
  readonly maxHeadersCount: number;
}

export function oversizedHead({ maxHeadBytes, maxHeadersCount }: HeadLimits): Refusal {
  const cause = `a request has at most ${maxHeadersCount} headers, and with its first line ${maxHeadBytes} bytes of them`;
  return { status: 431, cause };
}

/**
 * Answers bytes that are no HTTP request, or not a whole one, and closes the connection. Bytes
 * behind the last answer of a connection are discarded.
 */
export function refuseBrokenRequest(
  error: Error,
  socket: Duplex,
  wouldBeMistaken: boolean,
  limits: HeadLimits,
): void {
  refuseOnSocket(socket, wouldBeMistaken, refusalOf(error, limits));
}

/** Closes the connection. Nothing is sent that would be mistaken for another answer. */
export function refuseOnSocket(socket: Duplex, wouldBeMistaken: boolean, refusal: Refusal): void {
  if (socket.writableEnded) return;
  if (!socket.writable || wouldBeMistaken) {
    socket.destroy();
    return;
  }
  socket.write(refusalBytes(refusal));
  endAndLinger(socket);
}

function refusalOf(error: Error, limits: HeadLimits): Refusal {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'HPE_HEADER_OVERFLOW') return oversizedHead(limits);
  return refusals.get(code) ?? malformed;
}
