import { connect, type Socket } from 'node:net';
import { faultOf, nextAnswer } from './answers.js';
import { toBytes, type WildRequest } from './requests.js';

/** One connection, on which batch after batch is sent without waiting for single answers. */
export class Pipeline {
  readonly #socket: Socket;
  #text = '';
  #notify = () => {};

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1').setEncoding('latin1').setNoDelay(true);
    this.#socket.on('data', (chunk) => {
      this.#text += chunk;
      this.#notify();
    });
    this.#socket.on('close', () => this.#notify());
    this.#socket.on('error', () => {});
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** How many were answered: all, or those up to one after which the connection had to close. */
  async ask(requests: readonly WildRequest[]): Promise<number> {
    this.#socket.write(requests.map(toBytes).join(''), 'latin1');
    let at = 0;
    let answered = 0;
    for (const request of requests) {
      const found = await this.#next(at, request.method);
      if (found === undefined) throw new Error(`no answer to ${JSON.stringify(request)}`);
      const fault = faultOf(found.answer);
      if (fault !== undefined) throw new Error(`${fault}, for ${JSON.stringify(request)}`);
      at = found.end;
      answered += 1;
      if (/^connection: close\r?$/im.test(found.answer.head)) {
        this.close();
        break;
      }
    }
    this.#text = this.#text.slice(at);
    return answered;
  }

  async #next(at: number, method: string) {
    for (;;) {
      const found = nextAnswer(this.#text, at, method);
      if (found !== undefined || this.#socket.destroyed) return found;
      await new Promise<void>((resolve) => {
        this.#notify = resolve;
      });
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
