import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { type Told, toldBy } from './essence.js';

/** One watch and its connection, from the head of the answer on. */
export class OpenWatch {
  readonly #outgoing: ClientRequest;
  readonly #incoming: IncomingMessage;
  readonly #base: number;
  #body = '';
  #ended = false;

  static async open(port: number, target: string, base: number): Promise<OpenWatch> {
    const outgoing = request({
      host: '127.0.0.1',
      port,
      path: `/v2/keys${target}`,
      agent: false,
    });
    outgoing.end();
    const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on('response', resolve);
      outgoing.on('error', reject);
    });
    return new OpenWatch(outgoing, incoming, base);
  }

  private constructor(outgoing: ClientRequest, incoming: IncomingMessage, base: number) {
    this.#outgoing = outgoing;
    this.#incoming = incoming;
    this.#base = base;
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => {
      this.#body += chunk;
    });
    incoming.on('end', () => {
      this.#ended = true;
    });
    // The end of a connection that was cut off here.
    incoming.on('error', () => {});
    outgoing.on('error', () => {});
  }

  get lineCount(): number {
    return this.#body.split('\n').length - 1;
  }

  told(): Told {
    const { statusCode = 0, headers } = this.#incoming;
    return toldBy(statusCode, headers, this.#body, this.#ended, this.#base);
  }

  leave(): void {
    this.#outgoing.destroy();
  }
}
