import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from '../../service/api-error.js';
import { callForBody } from './expectation.js';

/** The client closed the connection before its request was complete. */
export class RequestAborted extends Error {
  override readonly name = 'RequestAborted';
}

export function hasBody(message: IncomingMessage): boolean {
  const { headers } = message;
  if (headers['transfer-encoding'] !== undefined) return true;
  const length = headers['content-length'];
  return length !== undefined && length !== '0';
}

/** A smaller body is read at once, and counts for nothing: the requests that wait are bounded. */
const largeBodyBytes = 64 * 1024;

/** How much memory the body may take, if it is large; of one in chunks only the limit is known. */
export function largeBodyBytesOf({ headers }: IncomingMessage, maxBytes: number): number {
  if (headers['transfer-encoding'] !== undefined) return maxBytes;
  const length = Number(headers['content-length'] ?? 0);
  return length > largeBodyBytes && length <= maxBytes ? length : 0;
}

/** A body must be sent without encodings other than chunked. */
export function checkEncoding({ headers }: IncomingMessage): void {
  const coding = headers['content-encoding'] ?? 'identity';
  if (coding.toLowerCase() !== 'identity') {
    throw new ApiError('invalidForm', 'the body must come as it is, without a Content-Encoding');
  }
  const transfer = headers['transfer-encoding'] ?? 'chunked';
  if (transfer.toLowerCase() !== 'chunked') {
    throw new ApiError('invalidForm', 'the only Transfer-Encoding that is understood is chunked');
  }
}

/**
 * Refuses a body over the limit as soon as that is known. The rest is discarded, so that the client
 * can read the answer. A client that goes on sending is disconnected.
 */
export function readBody(
  message: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const refuse = () => {
      chunks.length = 0;
      reject(new ApiError('bodyTooLarge', `the limit is ${maxBytes} bytes`));
    };
    if (Number(message.headers['content-length'] ?? 0) > maxBytes) refuse();
    else callForBody(message, response);
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else if (bytes > drainedBytesMax(maxBytes)) message.destroy();
      else refuse();
    };
    const onEnd = () => {
      letGo();
      const [only] = chunks;
      const whole = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
      if (isUtf8(whole)) resolve(whole.toString('utf8'));
      else reject(new ApiError('invalidForm', 'the body is not UTF-8'));
    };
    const onGone = () => {
      if (!message.complete) reject(new RequestAborted('the connection was closed'));
    };
    // The message may live for as long as its connection, and what its listeners know with it.
    const letGo = () => {
      message.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      message.on('error', ignore);
    };
    message.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}

/** An error that nobody listens to stops the process. */
function ignore(): void {}

function drainedBytesMax(maxBytes: number): number {
  return 16 * maxBytes + 1024 * 1024;
}
