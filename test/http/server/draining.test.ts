import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import { drain } from '../../../src/http/server/draining.js';
import { createHttpServer, defaultLimits } from '../../../src/http/server/http-server.js';
import { until } from '../../cluster/until.js';

/** A server that answers, and one client that keeps its connection. */
class Rig implements AsyncDisposable {
  readonly server = createHttpServer((_message, response) => response.end('served'), defaultLimits);
  port = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  static async start(): Promise<Rig> {
    const rig = new Rig();
    await new Promise<void>((resolve) => rig.server.listen(0, '127.0.0.1', resolve));
    rig.port = (rig.server.address() as AddressInfo).port;
    return rig;
  }

  ask(agent: Agent | false = this.#agent): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: this.port, agent }, (response) => {
        response.resume().once('end', () => resolve(response));
      });
      sent.once('error', reject);
      sent.end();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    this.server.closeAllConnections();
    this.server.close();
  }
}

test('a client gets one more answer on its connection, which says that it is the last', async () => {
  await using rig = await Rig.start();
  assert.equal((await rig.ask()).headers.connection, 'keep-alive');
  const { port } = rig;
  const drained = drain(rig.server);
  await until(() => !rig.server.listening, 'the server listens no more');
  const last = await rig.ask();
  assert.deepEqual([last.statusCode, last.headers.connection], [200, 'close']);
  await drained;
  const sent = request({ host: '127.0.0.1', port, agent: false });
  const refused = new Promise<NodeJS.ErrnoException>((resolve) => sent.once('error', resolve));
  sent.end();
  assert.equal((await refused).code, 'ECONNREFUSED');
});

test('an idle connection stays open as long as its client asks for nothing', async () => {
  await using rig = await Rig.start();
  await rig.ask();
  let isDrained = false;
  const drained = drain(rig.server).then(() => {
    isDrained = true;
  });
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isDrained, false);
  rig.server.closeAllConnections();
  await drained;
});

test('clients that have connected by then are answered, each once, and sent away', async () => {
  await using rig = await Rig.start();
  const { port } = rig;
  const comes = () =>
    new Promise<string>((resolve) => {
      const sent = request(
        { host: '127.0.0.1', port, agent: false, method: 'POST' },
        (response) => {
          response.resume().once('end', () => resolve(String(response.statusCode)));
        },
      );
      sent.once('error', ({ message }) => resolve(message));
      sent.end('body');
    });
  const first = once(rig.server, 'connection');
  const answers = Array.from({ length: 64 }, comes);
  await first;
  await drain(rig.server);
  assert.deepEqual(new Set(await Promise.all(answers)), new Set(['200']));
});

test('a connection that is reset before it is served stops nothing', async () => {
  await using rig = await Rig.start();
  const served: Socket[] = [];
  rig.server.on('connection', (socket) => served.push(socket));
  const drained = drain(rig.server);
  const [reset, other] = [new Socket(), new Socket()];
  for (const socket of [reset, other]) rig.server.emit('connection', socket);
  reset.destroy(new Error('read ECONNRESET'));
  await drained;
  await until(() => reset.closed, 'it is closed');
  assert.deepEqual(served, [other]);
  other.destroy();
});
