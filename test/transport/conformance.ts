import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex, term } from '../../src/ids.js';
import type { ForwardRequest, ForwardResponse, ForwardTag } from '../../src/transport/transport.js';
import { snapshotClaims } from './conformance-snapshots.js';
import { Recorder } from './recorder.js';
import { type Changes, type NewRig, range, rounds, start, startPair } from './rig.js';
import { alice, announcement, append, bob, everyMessage, heartbeat } from './samples.js';

/** Everything that the transports promise alike. */
export function transportSuite(newRig: NewRig): void {
  messageClaims(newRig);
  lifeClaims(newRig);
  refusalClaims(newRig);
  forwardClaims(newRig);
  snapshotClaims(newRig);
}

function messageClaims(newRig: NewRig): void {
  test('every message arrives as it was sent', async () => {
    await using rig = await newRig();
    const [one, other] = await startPair(rig);
    const sent = everyMessage(alice, bob);
    one.transport.send(bob, sent);
    await rig.until(() => other.heard.messages.length === sent.length, 'all have arrived');
    // Each way has an order of its own, so the kinds are compared one by one.
    for (const message of sent) {
      const arrived = other.heard.messages.find(({ type }) => type === message.type);
      assert.deepEqual(arrived, message);
    }
    assert.ok(other.heard.batches.every(({ from }) => from === alice));
  });

  test('messages keep their order, over many calls and in both directions', async () => {
    await using rig = await newRig();
    const [one, other] = await startPair(rig);
    for (let round = 0; round < 500; round += 1) {
      one.transport.send(bob, [
        heartbeat(alice, bob, 2 * round),
        heartbeat(alice, bob, 2 * round + 1),
      ]);
      other.transport.send(alice, [heartbeat(bob, alice, round)]);
    }
    await rig.until(() => other.heard.messages.length === 1000, 'a thousand have arrived');
    await rig.until(() => one.heard.messages.length === 500, 'five hundred have arrived');
    assert.deepEqual(rounds(other.heard), range(1000));
    assert.deepEqual(rounds(one.heard), range(500));
  });

  test('on a slow link a heartbeat waits for no entries, and the entries keep their order', async () => {
    await using rig = await newRig();
    await rig.slowDown(alice, bob, 2_000_000);
    const [one, other] = await startPair(rig);
    const data = [Buffer.alloc(100_000)];
    for (const position of range(20)) one.transport.send(bob, [append(alice, bob, position, data)]);
    one.transport.send(bob, [heartbeat(alice, bob, 1)]);
    await rig.until(() => rounds(other.heard).length === 1, 'the heartbeat arrives');
    const overtaken = 20 - (other.heard.messages.length - 1);
    assert.ok(overtaken > 10, `${overtaken} were overtaken`);
    await rig.until(() => other.heard.messages.length === 21, 'the entries arrive');
    const positions = other.heard.messages.flatMap((message) =>
      message.type === 'AppendEntriesRequest' ? [message.prevLogIndex] : [],
    );
    assert.deepEqual(positions, range(20));
    assert.deepEqual(one.heard.connected, [bob], 'on one connection');
  });

  test('the messages of one call arrive in one piece', async () => {
    await using rig = await newRig();
    const [one, other] = await startPair(rig);
    one.transport.send(
      bob,
      range(100).map((round) => heartbeat(alice, bob, round)),
    );
    await rig.until(() => other.heard.messages.length === 100, 'all have arrived');
    assert.equal(other.heard.batches.length, 1);
  });

  test('an entry of 1.6 MiB arrives, and so does a batch far larger than one frame', async () => {
    await using rig = await newRig();
    const [one, other] = await startPair(rig);
    const large = Buffer.alloc(1.6 * 1024 * 1024, 7);
    one.transport.send(
      bob,
      range(12).map((position) => append(alice, bob, position, [large])),
    );
    await rig.until(() => other.heard.messages.length === 12, 'all have arrived');
    for (const message of other.heard.messages) {
      assert.ok(message.type === 'AppendEntriesRequest');
      assert.ok(large.equals(message.entries[0]?.data ?? new Uint8Array()));
    }
  });

  test('what is sent to a peer that is not there is dropped, not kept for later', async () => {
    await using rig = await newRig();
    const one = await start(rig, alice);
    one.transport.send(bob, [heartbeat(alice, bob, 1)]);
    const other = await start(rig, bob);
    await rig.until(() => one.heard.connected.length === 1, 'connected');
    one.transport.send(bob, [heartbeat(alice, bob, 2)]);
    await rig.until(() => other.heard.messages.length > 0, 'one has arrived');
    assert.deepEqual(rounds(other.heard), [2]);
  });

  test('an announced snapshot is not a message', async () => {
    await using rig = await newRig();
    const [one] = await startPair(rig);
    assert.throws(() => one.transport.send(bob, [announcement(alice, bob)]), /sendSnapshot/);
  });
}

function lifeClaims(newRig: NewRig): void {
  test('a peer that ends is lost once, and is found again when it returns', async () => {
    await using rig = await newRig();
    const [one, other] = await startPair(rig);
    await other.transport.close();
    await rig.until(() => one.heard.lost.length > 0, 'the loss is noticed');
    await rig.pass(600);
    assert.deepEqual(one.heard.lost, [bob]);
    const again = await start(rig, bob);
    await rig.until(() => one.heard.connected.length === 2, 'connected again');
    one.transport.send(bob, [heartbeat(alice, bob, 5)]);
    await rig.until(() => again.heard.messages.length === 1, 'it arrives');
    await again.transport.close();
    await rig.until(() => one.heard.lost.length === 2, 'the second loss is noticed');
  });

  test('a peer that was never reached is not lost', async () => {
    await using rig = await newRig();
    const one = await start(rig, alice);
    await rig.pass(300);
    assert.deepEqual(one.heard.lost, []);
  });

  test('closing twice is closing once, and whoever closes has lost nobody', async () => {
    await using rig = await newRig();
    const [one, other] = await startPair(rig);
    await Promise.all([one.transport.close(), one.transport.close()]);
    await one.transport.close();
    await rig.until(() => other.heard.lost.length > 0, 'the other notices');
    assert.deepEqual(one.heard.lost, []);
    one.transport.send(bob, [heartbeat(alice, bob, 1)]);
    await rig.pass(50);
    assert.deepEqual(other.heard.messages, []);
  });
}

function refusalClaims(newRig: NewRig): void {
  const strangers: readonly (readonly [string, Changes, RegExp])[] = [
    ['another cluster', { hello: { clusterId: 'other' } }, /cluster other.*the clusters differ/],
    [
      'a later release',
      { hello: { formats: { lowest: 98, highest: 99 } } },
      /formats 98 to 99.*writes no format below 98.*understands up to 2: upgrade it/,
    ],
  ];
  for (const [who, changes, text] of strangers) {
    test(`a member of ${who} is refused at both ends, and both know by whom and why`, async () => {
      await using rig = await newRig();
      const one = await start(rig, alice);
      const other = await start(rig, bob, changes);
      for (const [{ heard }, peer] of [
        [one, bob],
        [other, alice],
      ] as const) {
        const ends = () => new Set(heard.refused.map(({ by }) => by));
        await rig.until(() => ends().size === 2, 'it is told what it refuses and who refuses it');
        for (const refusal of heard.refused) {
          assert.match(refusal.reason, text);
          assert.equal(refusal.peer, peer);
        }
      }
      one.transport.send(bob, [heartbeat(alice, bob, 1)]);
      await rig.pass(100);
      assert.deepEqual(other.heard.messages, []);
      assert.deepEqual([...one.heard.connected, ...other.heard.connected], []);
    });
  }

  test('a known member with an unknown incarnation is refused with the reason given', async () => {
    await using rig = await newRig();
    const one = await start(rig, alice, {}, refusingForgotten());
    const other = await start(rig, bob, { hello: { incarnation: 'forgotten' } });
    for (const { heard } of [one, other]) {
      await rig.until(() => heard.refused.length > 0, 'it is told');
      assert.match(heard.refused[0]?.reason ?? '', /incarnation forgotten: its data directory is/);
    }
    assert.deepEqual(new Set(one.heard.refused.map(({ by }) => by)), new Set(['self']));
    assert.deepEqual(new Set(other.heard.refused.map(({ by }) => by)), new Set(['peer']));
    await rig.pass(300);
    assert.ok(other.heard.refused.length <= 2, 'one reason is told once');
  });

  test('a refused member is accepted when it comes back as somebody known', async () => {
    await using rig = await newRig();
    const one = await start(rig, alice, {}, refusingForgotten());
    const other = await start(rig, bob, { hello: { incarnation: 'forgotten' } });
    await rig.until(() => other.heard.refused.length > 0, 'it is told');
    await other.transport.close();
    const again = await start(rig, bob);
    await rig.until(() => again.heard.connected.length === 1, 'it connects');
    await rig.until(() => one.heard.connected.length === 1, 'it is connected to');
  });
}

function refusingForgotten(): Recorder {
  const recorder = new Recorder();
  recorder.refusalOf = ({ incarnation }) =>
    incarnation === 'forgotten'
      ? `it has incarnation ${incarnation}: its data directory is new`
      : undefined;
  return recorder;
}

function tag(id: number, boot: number, inTerm: number): ForwardTag {
  return { id, boot, term: term(inTerm) };
}

function forwardClaims(newRig: NewRig): void {
  test('a request is answered, in either direction', async () => {
    await using rig = await newRig();
    const [one, other] = await startPair(rig);
    const last = 2 ** 53 - 1;
    const requests: readonly ForwardRequest[] = [
      { type: 'propose', ...tag(last, last, last), command: Buffer.from('set') },
      { type: 'propose', ...tag(3, 1, 8), command: Buffer.alloc(0) },
      { type: 'readIndex', ...tag(2, 6, 9) },
      { type: 'transferLeadership', ...tag(3, 6, 9), to: alice },
      { type: 'transferLeadership', ...tag(4, 6, 9), to: undefined },
    ];
    const responses: readonly ForwardResponse[] = [
      { type: 'accepted', ...tag(last, last, last) },
      { type: 'readIndex', ...tag(2, 6, 9), readIndex: logIndex(42) },
      { type: 'notLeader', ...tag(3, 1, 8) },
      { type: 'busy', ...tag(4, 5, 7) },
    ];
    other.heard.onRequests = (from) => other.transport.respond(from, responses);
    one.transport.forward(bob, requests);
    await rig.until(() => one.heard.responses.length > 0, 'answered');
    assert.deepEqual(other.heard.requests, [{ from: alice, items: requests }]);
    assert.deepEqual(one.heard.responses[0], { from: bob, items: responses });
  });

  test('a request to a peer that is not there is dropped, not kept for later', async () => {
    await using rig = await newRig();
    const one = await start(rig, alice);
    one.transport.forward(bob, [
      { type: 'propose', ...tag(1, 1, 1), command: Buffer.alloc(1_000_000) },
    ]);
    const other = await start(rig, bob);
    await rig.until(() => one.heard.connected.length === 1, 'connected');
    one.transport.forward(bob, [{ type: 'readIndex', ...tag(2, 1, 1) }]);
    await rig.until(() => other.heard.requests.length > 0, 'one has arrived');
    assert.deepEqual(
      other.heard.requests.flatMap(({ items }) => items.map(({ id }) => id)),
      [2],
    );
  });

  test('an answer to a peer that has gone is dropped', async () => {
    await using rig = await newRig();
    const [one, other] = await startPair(rig);
    one.transport.forward(bob, [{ type: 'readIndex', ...tag(1, 1, 1) }]);
    await rig.until(() => other.heard.requests.length === 1, 'asked');
    await one.transport.close();
    await rig.until(() => other.heard.lost.length === 1, 'the loss is noticed');
    other.transport.respond(alice, [{ type: 'busy', ...tag(1, 1, 1) }]);
    await rig.pass(50);
    assert.deepEqual(one.heard.responses, []);
  });
}
