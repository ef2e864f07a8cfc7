import type { ServerResponse } from 'node:http';
import type { ApiResponse, Sink, StreamResponse, TextResponse } from './api-response.js';

/** What a reader may leave unread before its stream is cut. */
const unreadBytesMax = 1024 * 1024;

/** An answer up to this length is in the kernel's hands at once. */
const promptBytesMax = 64 * 1024;
/** Who reads nothing of a longer one for so long is cut off, since what is unread stays in memory. */
const stalledMsMax = 60_000;

export function send(response: ServerResponse, reply: ApiResponse): void {
  if (reply.type === 'text') sendText(response, reply);
  else sendStream(response, reply);
}

function sendText(response: ServerResponse, { status, headers, body }: TextResponse): void {
  if (response.destroyed) return;
  if (body.length > promptBytesMax) response.setTimeout(stalledMsMax);
  response.writeHead(status, headers);
  response.end(body);
}

function sendStream(response: ServerResponse, reply: StreamResponse): void {
  const { status, headers, start, onEnd } = reply;
  if (response.destroyed) {
    onEnd();
    return;
  }
  // A response closes once; `once` would wrap the listener, for as long as the stream waits.
  response.on('close', onEnd);
  response.writeHead(status, headers);
  response.flushHeaders();
  start(new ResponseSink(response));
}

/** A slow reader is cut off, since what it does not read piles up here. */
class ResponseSink implements Sink {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  write(text: string): void {
    if (this.#response.writableEnded || this.#response.destroyed) return;
    if (this.#response.writableLength > unreadBytesMax) this.#response.destroy();
    else this.#response.write(text);
  }

  onRoom(callback: () => void): void {
    if (this.#response.writableEnded || this.#response.destroyed) return;
    this.#response.setTimeout(stalledMsMax);
    if (this.#response.writableNeedDrain) this.#response.once('drain', callback);
    else callback();
  }

  end(): void {
    if (!this.#response.writableEnded) this.#response.end();
  }
}
