import type { ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { ApiResponse, Sink, StreamResponse, TextResponse } from './api-response.js';
import { endWithClient } from './half-close.js';

/** A client that leaves more of its stream unread is disconnected. */
const unreadBytesMax = 1024 * 1024;

/** The kernel's send buffer takes an answer up to this length at once. */
const promptBytesMax = 64 * 1024;
/**
 * A client that reads nothing of a longer answer for 60 s is disconnected: the rest is in memory.
 */
const stalledMsMax = 60_000;

export function send(response: ServerResponse, reply: ApiResponse): void {
  if (reply.type === 'text') sendText(response, reply);
  else sendStream(response, reply);
}

function sendText(response: ServerResponse, { status, headers, body }: TextResponse): void {
  if (response.destroyed) return;
  if (body.length > promptBytesMax) response.setTimeout(stalledMsMax);
  response.writeHead(status, headers);
  // `end()` adds an empty piece while a write is under way. Without TLS none is any more; TLS would
  // hand the piece to the system as a write of its own, so the end waits there.
  const isSecure = response.socket instanceof TLSSocket;
  response.cork();
  if (isSecure) response.write(body, () => response.end());
  else response.write(body);
  response.uncork();
  if (!isSecure) response.end();
}

function sendStream(response: ServerResponse, reply: StreamResponse): void {
  const { status, headers, waits, start, onEnd } = reply;
  if (response.destroyed) {
    onEnd();
    return;
  }
  // `close` is emitted once, so `on` will do: `once` would keep a wrapper for as long as the
  // stream.
  response.on('close', onEnd);
  if (waits) endWithClient(response);
  response.writeHead(status, headers);
  response.flushHeaders();
  start(new ResponseSink(response));
}

/** Disconnects a slow reader, since unread text stays in memory. */
class ResponseSink implements Sink {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  write(content: string | Uint8Array): void {
    if (this.#response.writableEnded || this.#response.destroyed) return;
    if (this.#response.writableLength > unreadBytesMax) this.#response.destroy();
    else this.#response.write(content);
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

  abort(): void {
    this.#response.destroy();
  }
}
