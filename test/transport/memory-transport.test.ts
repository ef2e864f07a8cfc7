import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { term } from '../../src/ids.js';
import { faultless } from '../support/memory-network.js';
import { transportSuite } from './conformance.js';
import { MemoryRig } from './memory-rig.js';
import { range, rounds, start, startPair } from './rig.js';
import { alice, announcement, append, bob, carol, heartbeat } from './samples.js';

describe('simulated peers', () => transportSuite(async () => new MemoryRig()));

describe('the simulated network', () => {
  test('a cut link swallows one direction and tells nobody', async () => {
    await using rig = new MemoryRig();
    const [one, other] = await startPair(rig);
    rig.network.cut(alice, bob);
    one.transport.send(bob, [heartbeat(alice, bob, 1)]);
    other.transport.send(alice, [heartbeat(bob, alice, 2)]);
    await rig.until(() => one.heard.messages.length === 1, 'the other direction works');
    await rig.pass(5000);
    assert.deepEqual(rounds(other.heard), []);
    assert.deepEqual([...one.heard.lost, ...other.heard.lost], []);
  });

  test('what is on its way when the link is cut is lost, and so is what is sent meanwhile', async () => {
    await using rig = new MemoryRig({ delayMinMs: 100, delayMaxMs: 100 });
    const [one, other] = await startPair(rig);
    one.transport.send(bob, [heartbeat(alice, bob, 1)]);
    await rig.pass(50);
    rig.network.cut(alice, bob);
    one.transport.send(bob, [heartbeat(alice, bob, 2)]);
    await rig.pass(75);
    rig.network.restore(alice, bob);
    one.transport.send(bob, [heartbeat(alice, bob, 3)]);
    await rig.pass(200);
    assert.deepEqual(rounds(other.heard), [3]);
  });

  test('after a partition the members find each other again', async () => {
    await using rig = new MemoryRig();
    const [one, other] = await startPair(rig);
    rig.network.partition([alice], [bob, carol]);
    await rig.pass(5000);
    rig.network.heal();
    await rig.until(() => other.heard.connected.length === 2, 'connected again');
    other.transport.send(alice, [heartbeat(bob, alice, 3)]);
    await rig.until(() => one.heard.messages.length === 1, 'it arrives');
    assert.deepEqual([...one.heard.lost, ...other.heard.lost], []);
  });

  test('a crash behind a cut link is silence until it heals, and then a loss', async () => {
    await using rig = new MemoryRig();
    const [one] = await startPair(rig);
    rig.network.partition([alice], [bob]);
    rig.network.crash(bob);
    await rig.pass(500);
    assert.deepEqual(one.heard.lost, []);
    rig.network.heal();
    await rig.until(() => one.heard.lost.length === 1, 'the loss is noticed');
  });

  test('a member that restarts between two looks at it was lost all the same', async () => {
    await using rig = new MemoryRig();
    const [one] = await startPair(rig);
    rig.network.partition([alice], [bob]);
    rig.network.crash(bob);
    await start(rig, bob);
    rig.network.heal();
    await rig.until(() => one.heard.connected.length === 2, 'connected again');
    assert.deepEqual(one.heard.lost, [bob]);
  });

  test('a reset makes both take the other for lost, and both connect again', async () => {
    await using rig = new MemoryRig();
    const [one, other] = await startPair(rig);
    rig.network.reset(alice, bob);
    assert.deepEqual([...one.heard.lost, ...other.heard.lost], [bob, alice]);
    await rig.until(() => one.heard.connected.length === 2, 'connected again');
  });

  test('nothing reaches a member that has crashed, nor its next life', async () => {
    await using rig = new MemoryRig({ delayMinMs: 100, delayMaxMs: 100 });
    const [one, other] = await startPair(rig);
    one.transport.send(bob, [heartbeat(alice, bob, 1)]);
    rig.network.crash(bob);
    const again = await start(rig, bob);
    await rig.pass(1000);
    assert.deepEqual([...other.heard.messages, ...again.heard.messages], []);
  });

  test('loss, duplication and lateness each happen at their rate', async () => {
    const sent = range(2000);
    const arrivals = async (faults: object): Promise<number[]> => {
      await using rig = new MemoryRig(faults);
      const [one, other] = await startPair(rig);
      one.transport.send(
        bob,
        sent.map((round) => heartbeat(alice, bob, round)),
      );
      await rig.pass(1000);
      return rounds(other.heard);
    };
    const lossy = await arrivals({ lossRate: 0.1 });
    assert.ok(lossy.length > 1700 && lossy.length < 1900, `${lossy.length} arrived`);
    const doubled = await arrivals({ duplicationRate: 0.1 });
    assert.ok(doubled.length > 2100 && doubled.length < 2300, `${doubled.length} arrived`);
    const shuffled = await arrivals({ reorderingRate: 0.1, reorderingMaxMs: 100 });
    assert.notDeepEqual(shuffled, sent);
    assert.deepEqual(
      shuffled.sort((a, b) => a - b),
      sent,
    );
  });

  test('a slow link holds only so many messages, and drops whole batches beyond', async () => {
    await using rig = new MemoryRig({ delayMinMs: 100, delayMaxMs: 100 });
    const [one, other] = await startPair(rig);
    const batch = range(1000).map((round) => heartbeat(alice, bob, round));
    for (let times = 0; times < 6; times += 1) one.transport.send(bob, batch);
    await rig.pass(500);
    assert.equal(other.heard.messages.length, 4000);
  });

  test('a rate makes entries and requests take their time, one after the other', async () => {
    await using rig = new MemoryRig();
    await rig.slowDown(alice, bob, 100_000);
    const [one, other] = await startPair(rig);
    one.transport.send(bob, [
      append(alice, bob, 0, [Buffer.alloc(50_000)]),
      append(alice, bob, 1, [Buffer.alloc(50_000)]),
    ]);
    one.transport.forward(bob, [
      { type: 'propose', id: 1, boot: 1, term: term(1), command: Buffer.alloc(50_000) },
    ]);
    await rig.pass(450);
    assert.equal(other.heard.messages.length, 0);
    await rig.pass(100);
    assert.equal(other.heard.messages.length, 1, 'half a second for each');
    await rig.pass(500);
    assert.equal(other.heard.messages.length, 2);
    assert.equal(other.heard.requests.length, 0);
    await rig.pass(500);
    assert.equal(other.heard.requests.length, 1);
  });

  test('a slow link holds only so many bytes, but one batch of any size', async () => {
    await using rig = new MemoryRig({ bytesPerSecond: 100_000, waitingBytesMax: 120_000 });
    const [one, other] = await startPair(rig);
    const send = (position: number, bytes: number) =>
      one.transport.send(bob, [append(alice, bob, position, [Buffer.alloc(bytes)])]);
    for (const position of range(5)) send(position, 50_000);
    await rig.pass(5000);
    assert.equal(other.heard.messages.length, 2);
    send(5, 500_000);
    send(6, 1);
    await rig.pass(6000);
    assert.equal(other.heard.messages.length, 3);
  });

  test('what waits for a slow link is lost with its connection, and goes on at another rate', async () => {
    for (const [lose, arrive] of [
      [(rig: MemoryRig) => rig.network.reset(alice, bob), 0],
      [(rig: MemoryRig) => rig.network.crash(alice), 0],
      [(rig: MemoryRig) => rig.network.cut(alice, bob), 0],
      [(rig: MemoryRig) => rig.network.setFaults(alice, bob, faultless), 3],
      [() => {}, 1],
    ] as const) {
      await using rig = new MemoryRig({ bytesPerSecond: 100_000 });
      const [one, other] = await startPair(rig);
      const data = [Buffer.alloc(100_000)];
      for (const position of range(3)) {
        one.transport.send(bob, [append(alice, bob, position, data)]);
      }
      await rig.pass(500);
      lose(rig);
      await rig.pass(20);
      rig.network.restore(alice, bob);
      await rig.pass(600);
      assert.equal(other.heard.messages.length, arrive);
    }
  });

  test('a chunk that is lost interrupts its snapshot at both ends', async () => {
    await using rig = new MemoryRig();
    const [one, other] = await startPair(rig);
    let outcome = 'in progress';
    other.heard.consume = async (_request, chunks) => {
      try {
        for await (const _chunk of chunks) outcome = 'began';
      } catch (error) {
        outcome = 'interrupted';
        throw error;
      }
    };
    rig.network.setFaults(alice, bob, { ...faultsOf(rig), lossRate: 0.2 });
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(10);
    }
    const sending = one.transport.sendSnapshot(announcement(alice, bob), chunks());
    const rejected = assert.rejects(sending, /reset/);
    await rig.until(() => outcome === 'interrupted', 'it is interrupted');
    await rejected;
  });

  test('the same seed gives the same run', async () => {
    const run = async (seed: number): Promise<number[]> => {
      await using rig = new MemoryRig(
        { lossRate: 0.1, duplicationRate: 0.1, reorderingRate: 0.1, reorderingMaxMs: 50 },
        seed,
      );
      const [one, other] = await startPair(rig);
      for (const round of range(200)) one.transport.send(bob, [heartbeat(alice, bob, round)]);
      await rig.pass(1000);
      return rounds(other.heard);
    };
    assert.deepEqual(await run(7), await run(7));
    assert.notDeepEqual(await run(7), await run(8));
  });
});

function faultsOf(rig: MemoryRig) {
  return rig.network.faults(alice, bob);
}
