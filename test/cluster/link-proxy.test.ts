import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { LinkProxy } from '../../scripts/cluster/link-proxy.mjs';
import { until } from './until.js';

describe('a link between two members', () => {
  test('carries bytes both ways, unchanged', async () => {
    await using world = await World.create();
    const near = await world.dial();
    const sent = Buffer.alloc(3_000_000, 'abcdefg');
    near.write(sent);
    await until(() => world.echoed(near).length === sent.length, 'all has come back');
    assert.ok(world.echoed(near).equals(sent));
  });

  test('holds back who sends faster than the other reads', async () => {
    await using world = await World.create();
    const near = await world.dial();
    world.accepted[0]?.pause();
    world.accepted[0]?.removeAllListeners('data');
    for (let round = 0; round < 200; round += 1) near.write(Buffer.alloc(1_000_000));
    await new Promise((later) => setTimeout(later, 200));
    assert.ok(near.writableLength > 100_000_000, 'most of it is still at the sender');
    near.destroy();
  });

  test('with a limit, takes its time for all of its connections together', async () => {
    await using world = await World.create();
    const [one, other] = [await world.dial(), await world.dial()];
    world.link.limit(1_000_000);
    const startedAt = performance.now();
    for (const near of [one, other]) near.write(Buffer.alloc(200_000));
    await until(
      () => world.received(0).length + world.received(1).length === 400_000,
      'all has come through',
    );
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs > 300, `it took ${tookMs.toFixed(0)} ms`);
    world.link.limit(Number.POSITIVE_INFINITY);
    one.write(Buffer.alloc(3_000_000));
    await until(() => world.received(0).length === 3_200_000, 'the rest comes at once', 2000);
  });

  test('ends one side when the other ends', async () => {
    await using world = await World.create();
    const near = await world.dial();
    const closed = once(near, 'close');
    world.accepted[0]?.destroy();
    await closed;
    const again = await world.dial();
    again.destroy();
    await until(() => world.accepted[1]?.destroyed === true, 'the far end is closed');
    await until(() => world.link.connectionCount === 0, 'nothing is kept');
  });

  test('tells how many connections were dialled, and what those that are open have brought', async () => {
    await using world = await World.create();
    const gone = await world.dial();
    const near = await world.dial();
    near.write('twelve bytes');
    await until(() => world.echoed(near).length === 12, 'it has come back');
    gone.destroy();
    await until(() => world.link.connectionCount === 1, 'one is gone');
    assert.deepEqual(world.link.traffic(), { dialled: 2, open: [{ number: 2, bytes: 12 }] });
  });

  test('cut, lets nothing pass and ends nothing', async () => {
    await using world = await World.create();
    const near = await world.dial();
    near.write('before');
    await until(() => world.echoed(near).toString() === 'before', 'it is connected');
    world.link.cut();
    near.write('during');
    world.accepted[0]?.write('answer');
    const late = await world.dial();
    late.write('hello?');
    await new Promise((later) => setTimeout(later, 100));
    assert.equal(world.echoed(near).toString(), 'before');
    assert.equal(world.received(0).toString(), 'before');
    assert.equal(world.accepted.length, 1, 'a fresh connection does not get through');
    assert.deepEqual(
      [near.destroyed, late.destroyed, world.accepted[0]?.destroyed],
      [false, false, false],
    );
  });

  test('cut, throws away what arrives, however much', async () => {
    await using world = await World.create();
    const near = await world.dial();
    world.link.cut();
    for (let round = 0; round < 100; round += 1) near.write(Buffer.alloc(1_000_000));
    await until(() => near.writableLength === 0, 'the sender is never held up');
    assert.ok(process.memoryUsage().arrayBuffers < 200_000_000);
  });

  test('cut, does not tell one side that the other has ended', async () => {
    await using world = await World.create();
    const near = await world.dial();
    world.link.cut();
    near.destroy();
    await new Promise((later) => setTimeout(later, 100));
    assert.equal(world.accepted[0]?.destroyed, false);
    world.accepted[0]?.destroy();
    await until(() => world.link.connectionCount === 0, 'nothing is kept');
  });

  test('healed, ends what was cut and lets fresh connections through', async () => {
    await using world = await World.create();
    const near = await world.dial();
    world.link.cut();
    const late = await world.dial();
    world.link.heal();
    await Promise.all([once(near, 'close'), once(late, 'close')]);
    await until(() => world.accepted[0]?.destroyed === true, 'the far end is closed');
    const fresh = await world.dial();
    fresh.write('hello');
    await until(() => world.echoed(fresh).toString() === 'hello', 'it passes');
  });

  test('to a port where nobody listens ends what it accepted', async () => {
    await using world = await World.create();
    world.server.close();
    const near = await world.dial();
    await once(near, 'close');
    assert.equal(world.link.connectionCount, 0);
  });
});

/** An echo server behind a link. */
class World implements AsyncDisposable {
  readonly server: Server;
  readonly link: LinkProxy;
  readonly accepted: Socket[] = [];
  readonly #dialled: Socket[] = [];
  readonly #bytes = new Map<Socket, Buffer[]>();

  constructor(server: Server) {
    this.server = server;
    server.on('connection', (socket) => {
      this.accepted.push(socket);
      this.#collect(socket);
      socket.on('data', (chunk) => socket.write(chunk));
    });
    const { port } = server.address() as AddressInfo;
    this.link = new LinkProxy({ host: '127.0.0.1', port });
  }

  static async create(): Promise<World> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const world = new World(server);
    await world.link.open();
    return world;
  }

  async dial(): Promise<Socket> {
    const known = this.accepted.length;
    const socket = connect(this.link.port, '127.0.0.1');
    this.#dialled.push(socket);
    this.#collect(socket);
    await once(socket, 'connect');
    const passes = !this.link.isCut && this.server.listening;
    if (passes) await until(() => this.accepted.length > known, 'it has come through');
    return socket;
  }

  echoed(socket: Socket): Buffer {
    return Buffer.concat(this.#bytes.get(socket) ?? []);
  }

  received(position: number): Buffer {
    const socket = this.accepted[position];
    return Buffer.concat(socket === undefined ? [] : (this.#bytes.get(socket) ?? []));
  }

  #collect(socket: Socket): void {
    const chunks: Buffer[] = [];
    this.#bytes.set(socket, chunks);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.link.close();
    for (const socket of [...this.#dialled, ...this.accepted]) socket.destroy();
    this.server.close();
  }
}
