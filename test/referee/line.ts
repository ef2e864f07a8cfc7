import { Agent, type IncomingMessage, request } from 'node:http';
import { type Answer, formType, type Header, type Question } from './exchange.js';

/** One connection to one server; a question is asked when the last one is answered. */
export class Line implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #patienceMs: number;
  readonly #port: number;

  /**
   * @param patienceMs how long an answer that has begun may take to end, before it counts as open.
   */
  constructor(port: number, patienceMs: number) {
    this.#port = port;
    this.#patienceMs = patienceMs;
  }

  ask(question: Question): Promise<Answer> {
    const { method, target, body } = question;
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          ...{ host: '127.0.0.1', port: this.#port, agent: this.#agent },
          ...{ method, path: target, headers: headersFor(question) },
        },
        (message) => {
          readAnswer(message, this.#patienceMs).then(resolve, reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.setTimeout(30_000, () => {
        outgoing.destroy(new Error(`no answer to ${method} ${target}`));
      });
      outgoing.end(body);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

function headersFor({ body, contentType = formType }: Question): Record<string, string | number> {
  if (body === undefined) return {};
  const length = { 'Content-Length': Buffer.byteLength(body) };
  return contentType === '' ? length : { 'Content-Type': contentType, ...length };
}

async function readAnswer(message: IncomingMessage, patienceMs: number): Promise<Answer> {
  let body = '';
  let open = false;
  message.setEncoding('utf8');
  const timer = setTimeout(() => {
    open = true;
    message.destroy();
  }, patienceMs);
  try {
    for await (const chunk of message) body += chunk;
  } catch (error) {
    if (!open) throw error;
  } finally {
    clearTimeout(timer);
  }
  return { status: message.statusCode ?? 0, headers: pairs(message.rawHeaders), body, open };
}

function pairs(raw: readonly string[]): readonly Header[] {
  const headers: Header[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) headers.push([raw[at] ?? '', raw[at + 1] ?? '']);
  return headers;
}
