import { Agent, request } from 'node:http';

/** `none`: it never reached anybody. `lost`: nobody knows what became of it. */
export type LockReply =
  | { readonly type: 'answer'; readonly status: number; readonly body: string }
  | { readonly type: 'none' }
  | { readonly type: 'lost' };

/** Requests to the lock API, on connections that are kept. */
export class LockRequests {
  readonly #agent = new Agent({ keepAlive: true });

  /** Gives up after `limitMs`, as a client that leaves: its connection is closed. */
  send(
    method: string,
    url: string,
    form: Readonly<Record<string, string | number>>,
    limitMs: number,
  ): Promise<LockReply> {
    const text = Object.entries(form).map(([name, value]) => [name, String(value)]);
    const body = new URLSearchParams(Object.fromEntries(text)).toString();
    const headers = {
      Accept: 'application/json',
      'Content-Type': 'application/x-www-form-urlencoded',
      'Content-Length': Buffer.byteLength(body),
    };
    return new Promise((resolve) => {
      const sent = request(url, { method, agent: this.#agent, headers }, (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          answer += chunk;
        });
        response.once('end', () =>
          end({ type: 'answer', status: response.statusCode ?? 0, body: answer }),
        );
        response.once('error', () => end({ type: 'lost' }));
      });
      const limit = setTimeout(() => sent.destroy(), limitMs);
      const end = (reply: LockReply) => {
        clearTimeout(limit);
        resolve(reply);
      };
      sent.once('error', (error: NodeJS.ErrnoException) =>
        end({ type: error.code === 'ECONNREFUSED' ? 'none' : 'lost' }),
      );
      sent.once('close', () => end({ type: 'lost' }));
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
