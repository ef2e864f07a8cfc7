import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import type { MemberId } from '../../src/ids.js';
import type { Address } from '../../src/transport/channel.js';
import { GrpcTransport } from '../../src/transport/grpc-transport.js';
import { askPeer } from '../../src/transport/members-query.js';
import type { Hello } from '../../src/transport/transport.js';
import { until } from '../cluster/until.js';
import { helloOf, incomingConnectionsMax, silent } from './grpc-rig.js';
import { Recorder } from './recorder.js';
import { alice, bob } from './samples.js';

const tuning = { refusedDelayMs: 50, letGoMs: 100 };

class Rig implements AsyncDisposable {
  readonly #opened: GrpcTransport[] = [];
  readonly addresses: readonly Address[];

  private constructor(addresses: readonly Address[]) {
    this.addresses = addresses;
  }

  static async create(): Promise<Rig> {
    const ports = await freePorts(3);
    return new Rig(ports.map((port) => ({ host: '127.0.0.1', port })));
  }

  at(position: number): Address {
    return this.addresses[position] ?? assert.fail('there are three');
  }

  async start(
    member: MemberId,
    listen: Address,
    peers: ReadonlyMap<MemberId, Address>,
    hello: Partial<Hello> = {},
  ): Promise<{ readonly transport: GrpcTransport; readonly heard: Recorder }> {
    const transport = new GrpcTransport({
      ...{ listen, peers, incomingConnectionsMax, logger: silent, tuning },
      hello: helloOf(member, hello),
    });
    this.#opened.push(transport);
    const heard = new Recorder();
    await transport.start(heard);
    return { transport, heard };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#opened.map((transport) => transport.close()));
  }
}

const nobody = new Map<MemberId, Address>();

test('a member that joins is connected once it is followed, and let go when it is no more', async () => {
  await using rig = await Rig.create();
  const one = await rig.start(alice, rig.at(0), nobody);
  const other = await rig.start(bob, rig.at(1), new Map([[alice, rig.at(0)]]));
  await until(() => other.heard.refused.length > 0, 'a stranger is refused');
  one.transport.follow(new Map([[bob, rig.at(1)]]));
  await until(() => one.heard.connected.includes(bob), 'bob is connected');
  await until(() => other.heard.connected.includes(alice), 'and connects');

  one.heard.removed = bob;
  one.transport.follow(nobody);
  await until(() => one.transport.contacts().size === 0, 'bob is let go');
});

test('a peer that moves is dialled at its new address', async () => {
  await using rig = await Rig.create();
  const one = await rig.start(alice, rig.at(0), new Map([[bob, rig.at(1)]]));
  await rig.start(bob, rig.at(2), new Map([[alice, rig.at(0)]]));
  one.transport.follow(new Map([[bob, rig.at(2)]]));
  await until(() => one.heard.connected.includes(bob), 'bob is found there');
});

// Reference: thesis, section 4.1: a member follows a leader that is not in its configuration.
test('a member of the cluster that is not known yet is answered, where it says that it is', async () => {
  await using rig = await Rig.create();
  const one = await rig.start(alice, rig.at(0), nobody);
  const url = `http://127.0.0.1:${rig.at(1).port}`;
  const other = await rig.start(bob, rig.at(1), new Map([[alice, rig.at(0)]]), { peerUrl: url });
  await until(() => one.heard.connected.includes(bob), 'bob is dialled back');
  await until(() => other.heard.connected.includes(alice), 'and is not refused');
});

test('a member that was removed is told that this is why it is refused', async () => {
  await using rig = await Rig.create();
  const one = await rig.start(alice, rig.at(0), nobody);
  one.heard.refusalOf = () => 'it was removed';
  one.heard.removed = bob;
  const other = await rig.start(bob, rig.at(1), new Map([[alice, rig.at(0)]]));
  await until(() => other.heard.refused.length > 0, 'bob is refused');
  const refusal = { peer: alice, by: 'peer', reason: 'it was removed', isRemoval: true };
  assert.deepEqual(other.heard.refused[0], refusal);
});

test('a removal counts in its own cluster only: one that was restored has the same ids', async () => {
  await using rig = await Rig.create();
  const one = await rig.start(alice, rig.at(0), nobody);
  one.heard.removed = bob;
  const peers = new Map([[alice, rig.at(0)]]);
  const other = await rig.start(bob, rig.at(1), peers, { clusterId: 'restored' });
  await until(() => other.heard.refused.length > 0, 'bob is refused');
  const [refusal] = other.heard.refused;
  assert.match(refusal?.reason ?? '', /the clusters differ/);
  assert.equal(refusal?.isRemoval, undefined);
});

test('whoever joins is told the cluster and its members, and nobody answers where nobody is', async () => {
  await using rig = await Rig.create();
  const one = await rig.start(alice, rig.at(0), nobody);
  one.heard.configured = [
    { memberId: alice, name: 'n1', peerUrls: ['http://10.0.0.1:7001'], staysLearner: false },
  ];
  assert.deepEqual(await askPeer(rig.at(0), 5000, undefined), {
    clusterId: 'cluster',
    members: one.heard.configured,
  });
  await assert.rejects(askPeer(rig.at(1), 200, undefined));
});
