import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { noFences } from '../../src/command/fence.js';
import { FaceServer, silentLogger } from '../support/face-server.js';
import { fill } from '../support/fill.js';
import { faultOf, nextAnswer } from './answers.js';
import { rawBytes, toBytes, type WildRequest, wildRequest } from './requests.js';

const batchSize = 250;
/** A tenth of what a whole campaign sends: `FUZZ_BATCHES=400` makes it a hundred thousand requests. */
const batches = Number(process.env['FUZZ_BATCHES'] ?? 40);
const rawConnections = 500;
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

/** A member with a few keys that no request names. */
class Target implements AsyncDisposable {
  readonly server: FaceServer;
  readonly faults: string[] = [];
  readonly #canary: string;
  readonly #onRejection = (reason: unknown) => this.faults.push(`unhandled: ${reason}`);

  static async start(): Promise<Target> {
    const faults: string[] = [];
    const logger = {
      ...silentLogger,
      error: (...all: unknown[]) => void faults.push(all.map(String).join(' ')),
    };
    return new Target(await FaceServer.start({ logger, cors: ['http://page.example'] }), faults);
  }

  private constructor(server: FaceServer, faults: string[]) {
    this.server = server;
    this.faults = faults;
    fill(server.coordinator, '/canary/deep', 20);
    this.#canary = this.#canaryNow();
    process.on('unhandledRejection', this.#onRejection);
  }

  #canaryNow(): string {
    const found = this.server.coordinator.state.get('/canary', {
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
    const found = coordinator.state.get('/', { recursive: false, sorted: false, hidden: false });
    for (const { key } of ('node' in found && found.node.nodes) || []) {
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

/** One connection, on which batch after batch is sent without waiting for single answers. */
class Pipeline {
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

test(`any well-formed request gets an answer of a known shape, and does no harm (SEED=${seed})`, async () => {
  await using target = await Target.start();
  let pipeline = new Pipeline(target.server.port);
  let sent = 0;
  const batch = fc.array(wildRequest, { minLength: batchSize, maxLength: batchSize });
  await fc.assert(
    fc.asyncProperty(batch, async (requests) => {
      for (let answered = 0; answered < requests.length; ) {
        if (!pipeline.isOpen) pipeline = new Pipeline(target.server.port);
        answered += await pipeline.ask(requests.slice(answered));
      }
      sent += requests.length;
      await target.check();
    }),
    { seed, numRuns: batches, endOnFailure: true, includeErrorInReport: true },
  );
  assert.ok(sent >= batches * batchSize, `${sent} requests were answered`);
});

test(`whatever bytes come, the member goes on unharmed (SEED=${seed})`, async () => {
  await using target = await Target.start();
  await fc.assert(
    fc.asyncProperty(fc.array(rawBytes, { minLength: 20, maxLength: 20 }), async (all) => {
      await Promise.all(all.map((bytes) => sendAndLeave(target.server.port, bytes)));
      await target.check();
    }),
    { seed, numRuns: rawConnections / 20 },
  );
  const { watchers } = target.server.coordinator.stateMachine.statistics();
  assert.equal(watchers, 0, 'whoever left watches no more');
});

/** Says all, hears what comes, and is closed by the other side. */
async function sendAndLeave(port: number, bytes: string): Promise<void> {
  const socket = connect(port, '127.0.0.1').resume();
  socket.on('error', () => {});
  socket.end(Buffer.from(bytes, 'latin1'));
  if (!socket.destroyed) await once(socket, 'close');
}
