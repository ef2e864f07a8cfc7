import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Called when the client has read the answer to its end. */
  readonly onRead?: () => void;
}

/** Undefined: as a member with one lock and one key would. */
export type Answering = (request: string, form: URLSearchParams) => Promise<Answer | undefined>;

/** As a member says that something is not there. */
export const missing: Answer = {
  status: 404,
  body: JSON.stringify({ errorCode: 100, message: 'Key not found', cause: '/', index: 7 }),
};

/**
 * Stands for a member that grants every lock with the token 5, and has one key. A test answers in
 * its place, or holds an answer back.
 */
export class OneMember implements AsyncDisposable {
  readonly endpoint: string;
  /** As `PUT key begun`, with the state of a record, or `POST lock`. */
  readonly asked: string[] = [];
  /** Of the key. */
  value: string | undefined;
  readonly #server: Server;

  /** @param port 0 for any that is free. */
  static async start(answering: Answering, port = 0): Promise<OneMember> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new OneMember(server, answering);
  }

  private constructor(server: Server, answering: Answering) {
    this.#server = server;
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', async (message, response) => {
      const { pathname, searchParams } = new URL(message.url ?? '', this.endpoint);
      let text = '';
      for await (const chunk of message) text += String(chunk);
      const form = new URLSearchParams(text === '' ? searchParams : text);
      const kind = pathname.startsWith('/v2/keys/') ? 'key' : 'lock';
      const value = form.get('value');
      const state = kind === 'key' && value !== null ? ` ${JSON.parse(value).state}` : '';
      const request = `${message.method} ${kind}${state}`;
      this.asked.push(request);
      const given = await answering(request, form);
      const { status, body, onRead } = given ?? this.#answer(request, form);
      if (onRead === undefined) {
        const headers = { 'X-Etcd-Cluster-Id': 'cluster', 'X-Etcd-Index': '7' };
        response.writeHead(status, headers).end(body);
        return;
      }
      // It is the client that closes, and it does so when it has the whole answer.
      const { socket } = message;
      socket.once('end', onRead);
      const head = `HTTP/1.1 ${status} -\r\nConnection: close\r\nContent-Length: ${body.length}`;
      socket.write(`${head}\r\n\r\n${body}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(request: string, form: URLSearchParams): Answer {
    if (request === 'POST lock') return { status: 200, body: '5\n' };
    if (request.endsWith(' lock')) return { status: 200, body: '' };
    if (!request.startsWith('PUT') && this.value === undefined) return missing;
    if (request.startsWith('DELETE')) this.value = undefined;
    if (request.startsWith('PUT')) this.value = form.get('value') ?? '';
    const node = { key: '/k', value: this.value, modifiedIndex: 7, createdIndex: 7 };
    return { status: 200, body: JSON.stringify({ action: 'set', node }) };
  }
}
