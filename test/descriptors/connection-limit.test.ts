import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Server, Socket } from 'node:net';
import { test } from 'node:test';
import { ConnectionLimit } from '../../src/descriptors/connection-limit.js';

class Rig {
  readonly lines: string[] = [];
  readonly #limit: ConnectionLimit;

  constructor(max: number, perAddressMax?: number) {
    const note = (_: object, message: string) => this.lines.push(message);
    const logger = { debug: note, info: note, warn: note, error: note };
    this.#limit = new ConnectionLimit(max, 'clients', logger, perAddressMax);
  }

  server(): Server {
    const server = new Server();
    this.#limit.bound(server);
    return server;
  }
}

function connectTo(server: Server, count: number): readonly Socket[] {
  return Array.from({ length: count }, () => {
    const socket = new Socket();
    server.emit('connection', socket);
    return socket;
  });
}

async function end(sockets: readonly Socket[]): Promise<void> {
  for (const socket of sockets) {
    socket.destroy();
    await once(socket, 'close');
  }
}

test('servers share the limit: what one does not use, another may', async () => {
  const rig = new Rig(10);
  const [one, other] = [rig.server(), rig.server()];
  assert.deepEqual([one.maxConnections, other.maxConnections], [10, 10]);
  const sockets = connectTo(one, 7);
  assert.deepEqual([one.maxConnections, other.maxConnections], [10, 3]);
  await end(sockets.slice(0, 2));
  assert.deepEqual([one.maxConnections, other.maxConnections], [10, 5]);
});

test('a full limit never becomes zero, which would mean no limit', () => {
  const rig = new Rig(3);
  const [one, other] = [rig.server(), rig.server()];
  connectTo(one, 3);
  assert.deepEqual([one.maxConnections, other.maxConnections], [3, 1]);
});

test('refused connections are told once, and once more when it is over', async () => {
  const rig = new Rig(10);
  const server = rig.server();
  const sockets = connectTo(server, 10);
  for (let time = 0; time < 100; time += 1) server.emit('drop');
  assert.deepEqual(rig.lines, ['connections of clients are refused']);
  await end(sockets.slice(0, 1));
  assert.deepEqual(rig.lines.slice(1), ['connections of clients are accepted again']);
});

test('a server that cannot accept goes on', () => {
  const rig = new Rig(10);
  const server = rig.server();
  server.emit('listening');
  server.emit('error', new Error('accept ENOMEM'));
  assert.deepEqual(rig.lines, ['connections of clients are refused']);
});

test('an address has a limit of its own, which another does not feel', async () => {
  const rig = new Rig(10, 2);
  const server = rig.server();
  const from = (address: string) => {
    const socket = new Socket();
    Object.defineProperty(socket, 'remoteAddress', { value: address });
    server.emit('connection', socket);
    return socket;
  };
  const [first, second, third] = [from('10.0.0.1'), from('10.0.0.1'), from('10.0.0.1')];
  assert.deepEqual(
    [first, second, third].map(({ destroyed }) => destroyed),
    [false, false, true],
  );
  assert.equal(from('10.0.0.2').destroyed, false);
  await once(third, 'close');
  assert.deepEqual(rig.lines, [
    'connections of clients are refused',
    'connections of clients are accepted again',
  ]);
  await end([first]);
  assert.equal(from('10.0.0.1').destroyed, false);
});
