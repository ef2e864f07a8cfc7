import assert from 'node:assert/strict';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { drain } from '../../../src/http/server/draining.js';
import { createHttpServer, defaultLimits } from '../../../src/http/server/http-server.js';

/** A server that answers, and one client that keeps its connection. */
class Rig implements AsyncDisposable {
  readonly server = createHttpServer((_message, response) => response.end('served'), defaultLimits);
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  static async start(): Promise<Rig> {
    const rig = new Rig();
    await new Promise<void>((resolve) => rig.server.listen(0, '127.0.0.1', resolve));
    return rig;
  }

  ask(agent: Agent | false = this.#agent): Promise<IncomingMessage> {
    const { port } = this.server.address() as AddressInfo;
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, agent }, (response) => {
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
  const { port } = rig.server.address() as AddressInfo;
  const drained = drain(rig.server);
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
