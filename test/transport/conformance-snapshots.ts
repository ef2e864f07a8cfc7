import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NewRig, type Rig, range, start, startPair } from './rig.js';
import { alice, announcement, bob, heartbeat } from './samples.js';

/** What the transports promise of snapshots. */
export function snapshotClaims(newRig: NewRig): void {
  test('a snapshot arrives whole, with what it stands for', async () => {
    await using rig = await newRig();
    const [one, other] = await startPair(rig);
    const sent = range(40).map((fill) => Buffer.alloc(100_000 + fill, fill));
    const arrived: Uint8Array[] = [];
    other.heard.consume = async (request, chunks) => {
      assert.deepEqual(request, announcement(alice, bob));
      for await (const chunk of chunks) arrived.push(chunk);
    };
    await settles(rig, one.transport.sendSnapshot(announcement(alice, bob), streamOf(sent)));
    assert.ok(Buffer.concat(arrived).equals(Buffer.concat(sent)));
  });

  test('a snapshot is sent no faster than it is consumed', async () => {
    await using rig = await newRig();
    const [one, other] = await startPair(rig);
    let produced = 0;
    let release: () => void = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    other.heard.consume = async (_request, chunks) => {
      for await (const _chunk of chunks) await released;
    };
    async function* produce(): AsyncGenerator<Uint8Array> {
      for (; produced < 400; produced += 1) yield Buffer.alloc(256 * 1024);
    }
    const sending = one.transport.sendSnapshot(announcement(alice, bob), produce());
    await rig.pass(300);
    assert.ok(produced < 200, `${produced} chunks were produced though none was consumed`);
    release();
    await settles(rig, sending);
    assert.equal(produced, 400);
  });

  test('while a snapshot waits, messages pass', async () => {
    await using rig = await newRig();
    const [one, other] = await startPair(rig);
    other.heard.consume = () => new Promise(() => {});
    const sending = one.transport.sendSnapshot(announcement(alice, bob), endless());
    await rig.pass(50);
    one.transport.send(bob, [heartbeat(alice, bob, 1)]);
    await rig.until(() => other.heard.messages.length === 1, 'it arrives');
    const rejected = assert.rejects(settles(rig, sending));
    await one.transport.close();
    await rejected;
  });

  test('a receiver that fails tells the sender why', async () => {
    await using rig = await newRig();
    const [one, other] = await startPair(rig);
    other.heard.consume = async (_request, chunks) => {
      for await (const _chunk of chunks) throw new Error('the disk is full');
    };
    const sending = one.transport.sendSnapshot(announcement(alice, bob), endless());
    await assert.rejects(settles(rig, sending), /the disk is full/);
  });

  test('a source that fails in the middle leaves no whole snapshot', async () => {
    await using rig = await newRig();
    const [one, other] = await startPair(rig);
    let outcome = 'in progress';
    other.heard.consume = async (_request, chunks) => {
      try {
        for await (const _chunk of chunks) outcome = 'began';
        outcome = 'whole';
      } catch (error) {
        outcome = 'interrupted';
        throw error;
      }
    };
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(1000);
      await rig.until(() => outcome === 'began', 'it began');
      throw new Error('unreadable');
    }
    const sending = one.transport.sendSnapshot(announcement(alice, bob), failing());
    await assert.rejects(settles(rig, sending), /unreadable/);
    await rig.until(() => outcome !== 'began', 'the receiver learns of it');
    assert.equal(outcome, 'interrupted');
  });

  for (const [who, end] of [
    ['sender', 0],
    ['receiver', 1],
  ] as const) {
    test(`a ${who} that ends in the middle interrupts the snapshot at both ends`, async () => {
      await using rig = await newRig();
      const pair = await startPair(rig);
      const [one, other] = pair;
      let chunksSeen = 0;
      let outcome = 'in progress';
      other.heard.consume = async (_request, chunks) => {
        try {
          for await (const _chunk of chunks) chunksSeen += 1;
          outcome = 'whole';
        } catch (error) {
          outcome = 'interrupted';
          throw error;
        }
      };
      const sending = one.transport.sendSnapshot(announcement(alice, bob), endless());
      const rejected = assert.rejects(settles(rig, sending));
      await rig.until(() => chunksSeen > 3, 'it is in progress');
      await pair[end].transport.close();
      await rejected;
      await rig.until(() => outcome !== 'in progress', 'the receiver learns of it');
      assert.equal(outcome, 'interrupted');
    });
  }

  test('a newer snapshot to the same peer takes the place of the older, at both ends', async () => {
    await using rig = await newRig();
    const [one, other] = await startPair(rig);
    const outcomes: string[] = [];
    let begun = 0;
    other.heard.consume = async (_request, chunks) => {
      begun += 1;
      const name = `number ${begun}`;
      let bytes = 0;
      try {
        for await (const chunk of chunks) bytes += chunk.length;
        outcomes.push(`${name} has ${bytes} bytes`);
      } catch (error) {
        outcomes.push(`${name} is interrupted`);
        throw error;
      }
    };
    const stalled = one.transport.sendSnapshot(announcement(alice, bob), stalling());
    const rejected = assert.rejects(settles(rig, stalled), /a newer one takes its place/);
    await rig.until(() => begun === 1, 'it is in progress');
    const newer = streamOf([Buffer.alloc(1000)]);
    await settles(rig, one.transport.sendSnapshot(announcement(alice, bob), newer));
    await rejected;
    await rig.until(() => outcomes.length === 2, 'both have ended at the receiver');
    assert.deepEqual(outcomes.toSorted(), ['number 1 is interrupted', 'number 2 has 1000 bytes']);
  });

  test('a receiver that gives up a snapshot tells a sender that has stalled', async () => {
    await using rig = await newRig();
    const [one, other] = await startPair(rig);
    let giveUp: ((reason: Error) => void) | undefined;
    other.heard.consume = (_request, chunks) =>
      new Promise((_resolve, reject) => {
        const first = chunks[Symbol.asyncIterator]().next();
        first.then(() => {
          giveUp = reject;
        }, reject);
      });
    const sending = one.transport.sendSnapshot(announcement(alice, bob), stalling());
    const rejected = assert.rejects(settles(rig, sending), /another leader sends one/);
    await rig.until(() => giveUp !== undefined, 'its first chunk was received');
    giveUp?.(new Error('another leader sends one'));
    await rejected;
  });

  test('a snapshot to a stranger is refused, and nothing of it is produced', async () => {
    await using rig = await newRig();
    const one = await start(rig, alice, { hello: { clusterId: 'other' } });
    await start(rig, bob);
    const sending = one.transport.sendSnapshot(announcement(alice, bob), endless());
    await assert.rejects(settles(rig, sending), /the clusters differ/);
  });
}

/** Waits in the rig's own time. */
async function settles(rig: Rig, promise: Promise<void>): Promise<void> {
  let settled = false;
  const end = () => {
    settled = true;
  };
  promise.then(end, end);
  await rig.until(() => settled, 'the transfer ends');
  await promise;
}

async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** One chunk, and then nothing for ever. */
async function* stalling(): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(10_000);
  await new Promise(() => {});
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(10_000);
}
