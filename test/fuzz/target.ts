import assert from 'node:assert/strict';
import { noFences } from '../../src/command/fence.js';
import { ApiServer, silentLogger } from '../support/api-server.js';
import { fill } from '../support/fill.js';

/** A member with a few keys that no request names. */
export class Target implements AsyncDisposable {
  readonly server: ApiServer;
  readonly faults: string[] = [];
  readonly #canary: string;
  readonly #onRejection = (reason: unknown) => this.faults.push(`unhandled: ${reason}`);

  static async start(): Promise<Target> {
    const faults: string[] = [];
    const logger = {
      ...silentLogger,
      error: (...all: unknown[]) => void faults.push(all.map(String).join(' ')),
    };
    return new Target(await ApiServer.start({ logger, cors: ['http://page.example'] }), faults);
  }

  private constructor(server: ApiServer, faults: string[]) {
    this.server = server;
    this.faults = faults;
    fill(server.coordinator, '/canary/deep', 20);
    this.#canary = this.#canaryNow();
    process.on('unhandledRejection', this.#onRejection);
  }

  #canaryNow(): string {
    const found = this.server.coordinator.state.keys.get('/canary', {
      recursive: true,
      sorted: true,
      hidden: false,
    });
    return JSON.stringify(found);
  }

  /** Alive, unharmed, and nothing was logged; what the requests left behind goes. */
  async check(): Promise<void> {
    assert.deepEqual(this.faults.splice(0), []);
    assert.equal(this.#canaryNow(), this.#canary, 'the tree was harmed');
    const answer = await this.server.ask('PUT', '/v2/keys/alive', 'value=1');
    assert.ok(answer.status === 200 || answer.status === 201, 'the member is alive');
    const { coordinator } = this.server;
    const found = coordinator.state.keys.get('/', {
      recursive: false,
      sorted: false,
      hidden: false,
    });
    for (const { key } of (found.ok && found.value.node.nodes) || []) {
      if (key === '/canary') continue;
      const command = { type: 'delete', path: key, dir: true, recursive: true } as const;
      coordinator.applyAs(undefined, { ...command, fences: noFences });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('unhandledRejection', this.#onRejection);
    await this.server[Symbol.asyncDispose]();
  }
}
