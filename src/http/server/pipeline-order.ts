import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Serves the pipelined requests of a connection one after the other. Node emits a pipelined request
 * at once, and gives its response a socket only when the answer before it is written; served at
 * once, a GET could overtake the PUT before it.
 */
export class PipelineOrder {
  readonly #maxPipelined: number;
  readonly #served = new WeakMap<Duplex, ServerResponse>();
  readonly #waiting = new WeakMap<Duplex, number>();

  constructor(maxPipelined: number) {
    this.#maxPipelined = maxPipelined;
  }

  /**
   * Calls `serve` when the requests before it are answered. Too many pipelined ones: disconnects. A
   * request behind the last answer of the connection is discarded: nobody could be told of its
   * effect.
   */
  enqueue(message: IncomingMessage, response: ServerResponse, serve: () => void): void {
    const { socket } = message;
    if (socket.writableEnded) {
      message.resume();
      return;
    }
    const begin = () => {
      this.#served.set(socket, response);
      serve();
    };
    if (response.socket !== null) {
      begin();
      return;
    }
    const waiting = (this.#waiting.get(socket) ?? 0) + 1;
    if (waiting > this.#maxPipelined) {
      socket.destroy();
      return;
    }
    this.#waiting.set(socket, waiting);
    response.once('socket', () => {
      this.#waiting.set(socket, (this.#waiting.get(socket) ?? 1) - 1);
      // A long answer before it may have set one, and Node would leave it on. This request may wait
      // for hours.
      socket.setTimeout(0);
      begin();
    });
  }

  /**
   * Whether the client would take an error that is written now for the answer to the request being
   * served: that request has arrived whole, or its answer has begun.
   */
  wouldBeMistaken(socket: Duplex): boolean {
    const response = this.#served.get(socket);
    if (response === undefined) return false;
    const { complete } = response.req;
    return response.writableFinished ? !complete : complete || response.headersSent;
  }

  /** Whether every request that has arrived whole is answered. */
  isIdle(socket: Duplex): boolean {
    const response = this.#served.get(socket);
    return response === undefined || (response.writableFinished && response.req.complete);
  }
}
