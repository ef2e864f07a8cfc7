import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * A client may send its next request before it has the answer to the last. Node hands such a request
 * over at once, but gives its response no socket until its turn comes; a write must not overtake.
 */
export class Turns {
  readonly #waitingMax: number;
  readonly #served = new WeakMap<Duplex, ServerResponse>();
  readonly #waiting = new WeakMap<Duplex, number>();

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /** Calls `serve` when the request's turn has come; or cuts the connection, for too many wait. */
  take(message: IncomingMessage, response: ServerResponse, serve: () => void): void {
    const { socket } = message;
    const begin = () => {
      this.#served.set(socket, response);
      serve();
    };
    if (response.socket !== null) {
      begin();
      return;
    }
    const waiting = (this.#waiting.get(socket) ?? 0) + 1;
    if (waiting > this.#waitingMax) {
      socket.destroy();
      return;
    }
    this.#waiting.set(socket, waiting);
    response.once('socket', () => {
      this.#waiting.set(socket, (this.#waiting.get(socket) ?? 1) - 1);
      begin();
    });
  }

  /**
   * Whether something else than an answer is what the client would take for the answer: the request
   * that is being served came whole, or its answer has begun.
   */
  isTaken(socket: Duplex): boolean {
    const response = this.#served.get(socket);
    if (response === undefined) return false;
    const { complete } = response.req;
    return response.writableFinished ? !complete : complete || response.headersSent;
  }
}
