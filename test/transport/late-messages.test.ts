import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { LinkProxy } from '../../scripts/cluster/link-proxy.mjs';
import type { MemberId } from '../../src/ids.js';
import type { Address } from '../../src/transport/channel.js';
import { GrpcTransport } from '../../src/transport/grpc-transport.js';
import { GrpcRig, helloOf, incomingConnectionsMax, silent } from './grpc-rig.js';
import { Recorder } from './recorder.js';
import { alice, bob, heartbeat } from './samples.js';

const host = '127.0.0.1';

function transportOf(member: MemberId, port: number, peer: MemberId, address: Address) {
  return new GrpcTransport({
    listen: { host, port },
    hello: helloOf(member),
    peers: new Map([[peer, address]]),
    incomingConnectionsMax,
    logger: silent,
  });
}

test('a peer that is heard after its loss was told, and then goes, is lost again', async () => {
  await using rig = await GrpcRig.create();
  const [alicePort = 0, bobPort = 0] = await freePorts(2);
  // The only way from alice to bob; bob has another one to her.
  const way = new LinkProxy({ host, port: bobPort });
  await way.open();
  const ofAlice = transportOf(alice, alicePort, bob, { host, port: way.port });
  const ofBob = transportOf(bob, bobPort, alice, { host, port: alicePort });
  const heard = new Recorder();
  const bobHeard = new Recorder();
  try {
    await ofAlice.start(heard);
    await ofBob.start(bobHeard);
    const connected = () => heard.connected.length === 1 && bobHeard.connected.length === 1;
    await rig.until(connected, 'both are connected');
    await way.close();
    await rig.until(() => heard.lost.length === 1, 'alice has lost bob');
    ofBob.send(alice, [heartbeat(bob, alice, 1)]);
    await rig.until(() => heard.messages.length === 1, 'what bob said is heard all the same');
    await ofBob.close();
    await rig.until(() => heard.lost.length === 2, 'alice has lost bob once more');
    assert.deepEqual(heard.lost, [bob, bob]);
  } finally {
    await Promise.all([way.close(), ofAlice.close(), ofBob.close()]);
  }
});
