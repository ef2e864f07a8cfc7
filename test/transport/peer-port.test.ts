import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { Random } from '../simulation/random.js';
import { GrpcRig, incomingConnectionsMax } from './grpc-rig.js';
import { attackPeerPort } from './peer-port-attack.js';
import { startPair } from './rig.js';
import { alice, bob, heartbeat } from './samples.js';

const silence = Array.from({ length: incomingConnectionsMax });

function open(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  return socket.resume();
}

describe('the peer address', () => {
  test('is not changed by strangers who send whatever they like', async () => {
    await using rig = await GrpcRig.create();
    const [one, other] = await startPair(rig);
    one.transport.send(bob, [heartbeat(alice, bob, 1)]);
    await rig.until(() => other.heard.messages.length === 1, 'the first has arrived');
    await attackPeerPort(rig.ports.get(bob) ?? 0, bob, 2000, new Random(1, 'peer port'));
    one.transport.send(bob, [heartbeat(alice, bob, 2)]);
    await rig.until(() => other.heard.messages.length === 2, 'the next has arrived');
    assert.deepEqual(other.heard.requests, []);
    assert.deepEqual([one.heard.lost, other.heard.lost], [[], []]);
    assert.deepEqual([one.heard.connected, other.heard.connected], [[bob], [alice]]);
  });

  test('gives no address all of its places before it has said who it is', async () => {
    await using rig = await GrpcRig.create();
    await startPair(rig);
    const sockets = silence.map(() => open(rig.ports.get(bob) ?? 0));
    const isOpen = () => sockets.filter(({ closed, connecting }) => !closed && !connecting).length;
    await rig.until(() => isOpen() === incomingConnectionsMax / 2, 'half of them are closed');
    for (const socket of sockets) socket.destroy();
  });

  test('cuts a connection that does not say who it is within seconds', async () => {
    await using rig = await GrpcRig.create();
    await startPair(rig);
    const socket = open(rig.ports.get(bob) ?? 0);
    await new Promise((resolve) => socket.once('close', resolve));
  });

  test('cuts a stranger who sends much before it has said who it is', async () => {
    await using rig = await GrpcRig.create();
    await startPair(rig);
    const socket = open(rig.ports.get(bob) ?? 0);
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
    // PING frames, each of which is a right one.
    const ping = Buffer.from('000008060000000000aaaaaaaaaaaaaaaa', 'hex');
    const many = Buffer.concat(Array.from({ length: 1000 }, () => ping));
    const feed = () => {
      while (!socket.destroyed && socket.write(many));
    };
    socket.on('drain', feed);
    feed();
    const from = performance.now();
    await new Promise((resolve) => socket.once('close', resolve));
    assert.ok(performance.now() - from < 4000, 'long before the time is over');
  });
});
