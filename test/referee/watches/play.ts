import { request } from 'node:http';
import { until } from '../../cluster/until.js';
import type { Told } from './essence.js';
import { OpenWatch } from './open-watch.js';
import type { Scene, Step } from './scene.js';

/** Whose watches are looked at. */
export interface Server {
  readonly port: number;
  /** Time passes until what has a TTL of a second may have expired. */
  letExpire(): Promise<void>;
}

export type AllTold = Readonly<Record<string, Told>>;

/**
 * Plays a scene from its beginning in an empty tree, and waits until `isComplete` says so of what
 * was told, or it is clear that no more will come.
 */
export async function play(
  server: Server,
  scene: Scene,
  settle: (told: () => AllTold) => Promise<void>,
): Promise<AllTold> {
  const stage = new Stage(server);
  try {
    await stage.open();
    for (const step of scene.steps) await stage.perform(step);
    await settle(() => stage.told());
    await stage.fence();
    return stage.told();
  } finally {
    stage.close();
  }
}

class Stage {
  readonly #server: Server;
  readonly #watches = new Map<string, OpenWatch>();
  #fences: OpenWatch | undefined;
  #base = 0;

  constructor(server: Server) {
    this.#server = server;
  }

  /** Removes the keys of earlier scenes. */
  async open(): Promise<void> {
    const { body } = await this.#ask('GET', '/?quorum=true', '');
    for (const { key } of JSON.parse(body).node.nodes ?? []) {
      await this.#ask('DELETE', `${encodeURI(key)}?recursive=true`, '');
    }
    for (const hidden of ['/_h', '/_many', '/_top']) {
      await this.#ask('DELETE', `${hidden}?recursive=true`, '');
    }
    this.#fences = await OpenWatch.open(this.#server.port, '/_fence?wait=true&stream=true', 0);
    const { index } = await this.#ask('PUT', '/_fence', 'value=0');
    this.#base = index;
  }

  async perform(step: Step): Promise<void> {
    switch (step.type) {
      case 'write':
        await this.#ask(step.method, this.#absolute(step.target), this.#absolute(step.form));
        return;
      case 'watch': {
        const target = this.#absolute(step.target);
        const watch = await OpenWatch.open(this.#server.port, target, this.#base);
        this.#watches.set(step.name, watch);
        return;
      }
      case 'leave':
        await this.fence();
        this.#watches.get(step.name)?.leave();
        return;
      case 'many':
        for (let left = step.count; left > 0; left -= 100) {
          const writes = Array.from({ length: Math.min(left, 100) }, () =>
            this.#ask('PUT', '/_many', 'value=1'),
          );
          await Promise.all(writes);
        }
        return;
      case 'expire':
        await this.#server.letExpire();
        await until(
          async () => (await this.#ask('GET', step.path, '')).status === 404,
          'it expired',
        );
        return;
    }
  }

  /** When its write is told, what was to be told before has been sent. */
  async fence(): Promise<void> {
    const fences = this.#fences;
    const before = fences?.lineCount ?? 0;
    await this.#ask('PUT', '/_fence', 'value=1');
    await until(() => (fences?.lineCount ?? 0) > before, 'the fence is told');
    await new Promise((resolve) => setImmediate(resolve));
  }

  told(): AllTold {
    return Object.fromEntries([...this.#watches].map(([name, watch]) => [name, watch.told()]));
  }

  close(): void {
    for (const watch of this.#watches.values()) watch.leave();
    this.#fences?.leave();
  }

  #absolute(target: string): string {
    return target.replaceAll(/@(\d+)/g, (_, position) => String(this.#base + Number(position)));
  }

  async #ask(
    method: string,
    target: string,
    form: string,
  ): Promise<{ status: number; index: number; body: string }> {
    return await new Promise((resolve, reject) => {
      const outgoing = request({
        host: '127.0.0.1',
        port: this.#server.port,
        method,
        path: `/v2/keys${target}`,
        agent: false,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      });
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        let body = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          body += chunk;
        });
        incoming.on('end', () => {
          const index = Number(incoming.headers['x-etcd-index']);
          resolve({ status: incoming.statusCode ?? 0, index, body });
        });
      });
      outgoing.end(form);
    });
  }
}
