import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex, term } from '../../src/ids.js';
import type { Logger } from '../../src/logger.js';
import { defaultLimits } from '../../src/member/options.js';
import { Snapshots } from '../../src/member/snapshots.js';
import { StateMachine } from '../../src/store/state-machine.js';
import { set } from '../store/commands.js';
import { Log } from '../store/log.js';
import { LogRecorder } from '../support/log-recorder.js';
import { ManualClock } from '../support/manual-clock.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { settle } from '../support/settle.js';
import { openStorage, silentLogger, unusedTransport } from './member-options.js';
import { otherPeer, peer } from './members.js';
import { announce, chunksOf, metadataOf, stalledAfter, streamOf } from './snapshot-samples.js';

/** A transfer that the transport was asked for, and how it ends. */
interface Transfer {
  readonly index: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function setUp({
  disk = new MemoryDisk(() => 0.5),
  clock = new ManualClock(0),
  logger = silentLogger as Logger,
} = {}) {
  const storage = openStorage(disk);
  const taken: number[] = [];
  const received: number[] = [];
  const failed: Error[] = [];
  const delivered: boolean[] = [];
  const replaced: boolean[] = [];
  const transfers: Transfer[] = [];
  const stateMachine = new StateMachine();
  const snapshots = new Snapshots(
    {
      storage,
      transport: {
        ...unusedTransport,
        sendSnapshot: async ({ snapshot }, chunks) => {
          for await (const chunk of chunks) assert.ok(chunk.length > 0);
          const index = snapshot.lastIncludedIndex;
          await new Promise<void>((resolve, reject) => transfers.push({ index, resolve, reject }));
        },
      },
      stateMachine,
      clock,
      logger,
      limits: defaultLimits,
    },
    {
      taken: ({ lastIncludedIndex }) => taken.push(lastIncludedIndex),
      delivered: (request, success) => {
        if (snapshots.endTransfer(request)) delivered.push(success);
        else replaced.push(success);
      },
      received: (request) => received.push(request.snapshot.lastIncludedIndex),
      failed: (error) => failed.push(error),
    },
  );
  /** As the driver does, once the core has decided so. */
  const install = async (index: number) => {
    await snapshots.publish(metadataOf(index));
    snapshots.install();
  };
  return {
    ...{ disk, storage, stateMachine, snapshots, install },
    ...{ taken, received, failed, delivered, replaced, transfers },
  };
}

test('a snapshot that was received is published and installed when the core says so', async () => {
  const { storage, stateMachine, snapshots, received, install } = setUp();
  await snapshots.receive(announce(7), streamOf(chunksOf(7)));
  assert.deepEqual(received, [7]);
  assert.equal(storage.openSnapshot(), undefined);
  assert.equal(stateMachine.appliedIndex, 0);
  await install(7);
  assert.deepEqual(storage.openSnapshot()?.metadata, metadataOf(7));
  assert.equal(stateMachine.appliedIndex, 7);
});

test('a snapshot that the core has no use for leaves nothing behind', async () => {
  const { storage, stateMachine, snapshots } = setUp();
  await snapshots.receive(announce(7), streamOf(chunksOf(7)));
  snapshots.discard();
  assert.equal(storage.openSnapshot(), undefined);
  assert.equal(stateMachine.appliedIndex, 0);
});

for (const [who, next] of [
  ['the leader of a higher term', announce(9, { from: otherPeer, inTerm: 2 })],
  ['the same leader, which starts again', announce(9)],
] as const) {
  test(`a snapshot of ${who} takes the place of one that has stalled`, async () => {
    const { snapshots, received, install, storage } = setUp();
    const { stream } = stalledAfter(1, chunksOf(7));
    const stalled = assert.rejects(snapshots.receive(announce(7), stream), /takes the place/);
    await settle();
    await snapshots.receive(next, streamOf(chunksOf(9)));
    await stalled;
    assert.deepEqual(received, [9]);
    await install(9);
    assert.deepEqual(storage.openSnapshot()?.metadata, metadataOf(9));
  });
}

test('a snapshot of an earlier term is refused, and disturbs none', async () => {
  const { snapshots, received } = setUp();
  const { stream, goOn } = stalledAfter(1, chunksOf(7));
  const newer = snapshots.receive(announce(7, { inTerm: 3 }), stream);
  await settle();
  const older = snapshots.receive(announce(9, { inTerm: 2 }), streamOf(chunksOf(9)));
  await assert.rejects(older, /a snapshot of term 2 is of no use in term 3/);
  goOn();
  await newer;
  assert.deepEqual(received, [7]);
});

test('a higher term ends a snapshot of an earlier one, also before its leader sends one', async () => {
  const { snapshots, received } = setUp();
  const { stream } = stalledAfter(1, chunksOf(7));
  const stalled = snapshots.receive(announce(7), stream);
  await settle();
  snapshots.enterTerm(term(2));
  await assert.rejects(stalled, /a snapshot of term 1 is of no use in term 2/);
  assert.deepEqual(received, []);
});

test('another snapshot waits until the core has decided about the one before', async () => {
  const { snapshots, received, install } = setUp();
  await snapshots.receive(announce(7), streamOf(chunksOf(7)));
  let asked = 0;
  const next = snapshots.receive(
    announce(9),
    (async function* () {
      asked += 1;
      yield* chunksOf(9);
    })(),
  );
  await settle();
  assert.equal(asked, 0);
  await install(7);
  await next;
  await install(9);
  assert.deepEqual(received, [7, 9]);
});

const malformed: readonly (readonly [string, readonly Uint8Array[], RegExp])[] = [
  ['is cut short', chunksOf(9).slice(0, -1), /ends within a record|is not whole/],
  ['holds noise', [Uint8Array.of(1), Buffer.alloc(64, 7)], /up to index 9 is refused/],
  ['is of another index', chunksOf(8), /its state is that of index 8 and term 1, not of index 9/],
  ['is of a newer format', [Uint8Array.of(99)], /format 99/],
];
for (const [what, chunks, why] of malformed) {
  test(`a snapshot that ${what} is refused, and the good one stays`, async () => {
    const { disk, storage, stateMachine, snapshots, received, failed, install } = setUp();
    await snapshots.receive(announce(7), streamOf(chunksOf(7)));
    await install(7);
    await assert.rejects(snapshots.receive(announce(9), streamOf(chunks)), why);
    assert.deepEqual(storage.openSnapshot()?.metadata, metadataOf(7));
    assert.equal(stateMachine.appliedIndex, 7);
    assert.deepEqual([received, failed], [[7], []]);
    disk.crash();
    await setUp({ disk }).snapshots.restore();
  });
}

test('a snapshot of another index is refused at its first chunk', async () => {
  const { snapshots } = setUp();
  const { stream } = stalledAfter(1, chunksOf(8));
  await assert.rejects(snapshots.receive(announce(9), stream), /that of index 8/);
});

test('a snapshot of another term than it says is refused', async () => {
  const { snapshots } = setUp();
  const request = { ...announce(7), snapshot: metadataOf(7, 2) };
  const refused = snapshots.receive(request, streamOf(chunksOf(7)));
  await assert.rejects(refused, /that of index 7 and term 1, not of index 7 and term 2/);
});

for (const [what, index, chunks] of [
  ['does not decode', 7, [Uint8Array.of(1, 2)]],
  ['is of another index', 9, chunksOf(7)],
] as const) {
  test(`a start from a snapshot that ${what} is refused, and says why`, async () => {
    const { storage, snapshots } = setUp();
    const writer = storage.createSnapshot(metadataOf(index));
    for (const chunk of chunks) await writer.append(chunk);
    await writer.finish();
    await assert.rejects(snapshots.restore(), {
      name: 'StorageError',
      code: 'corrupt',
      message: new RegExp(
        `^the snapshot up to index ${index} is not what it says: .*put back`,
        's',
      ),
    });
  });
}

test('a snapshot that a newer one has overtaken counts for nothing', async () => {
  const { storage, snapshots, taken } = setUp();
  const create = storage.createSnapshot.bind(storage);
  storage.createSnapshot = (metadata) => {
    const [older, newer] = [create(metadata), create(metadataOf(9))];
    return {
      append: (chunk) => older.append(chunk),
      abort: () => older.abort(),
      finish: async () => {
        await newer.finish();
        return await older.finish();
      },
    };
  };
  snapshots.take(metadataOf(7));
  await snapshots.takingEnded();
  assert.deepEqual([taken, snapshots.newestIndex, snapshots.describe().taken], [[], 0, 0]);
  assert.equal(storage.openSnapshot()?.metadata.lastIncludedIndex, 9);
});

test('a disk that fails under a snapshot ends the member, a broken stream does not', async () => {
  const { disk, snapshots, failed } = setUp();
  const broken = (async function* () {
    yield* chunksOf(7).slice(0, 1);
    throw new Error('the connection broke');
  })();
  await assert.rejects(snapshots.receive(announce(7), broken), /the connection broke/);
  assert.equal(failed.length, 0);
  disk.failNextWrite();
  await assert.rejects(snapshots.receive(announce(7), streamOf(chunksOf(7))), /injected/);
  assert.equal(failed.length, 1);
});

test('a disk that fails while a snapshot is published fails the write that refers to it', async () => {
  const { disk, snapshots, install } = setUp();
  await snapshots.receive(announce(7), streamOf(chunksOf(7)));
  disk.failNextWrite();
  await assert.rejects(install(7), /injected/);
});

test('a snapshot that cannot be read while it is sent ends the member, a broken connection does not', async () => {
  const damaged = setUp();
  damaged.storage.openSnapshot = () => ({
    metadata: metadataOf(9),
    totalBytes: 2,
    chunks: async function* () {
      yield Uint8Array.of(1);
      throw new Error('the record is damaged');
    },
  });
  damaged.snapshots.send(announce(9));
  await settle();
  assert.match(String(damaged.failed[0]), /the record is damaged/);
  assert.deepEqual(damaged.delivered, [false]);

  const cut = setUp();
  await cut.snapshots.receive(announce(7), streamOf(chunksOf(7)));
  await cut.install(7);
  cut.snapshots.send(announce(7));
  await settle();
  cut.transfers[0]?.reject(new Error('the connection broke'));
  await settle();
  assert.deepEqual(cut.delivered, [false]);
  assert.equal(cut.failed.length, 0);
});

test('the fate of a transfer that was replaced is not taken for that of its successor', async () => {
  const { snapshots, install, delivered, replaced, transfers } = setUp();
  await snapshots.receive(announce(7), streamOf(chunksOf(7)));
  await install(7);
  snapshots.send({ ...announce(7), to: peer });
  await settle();
  snapshots.send({ ...announce(7, { inTerm: 3 }), to: peer });
  await settle();
  assert.equal(transfers.length, 2);
  transfers[0]?.reject(new Error('a newer one takes its place'));
  await settle();
  assert.deepEqual([delivered, replaced], [[], [false]]);
  assert.deepEqual(snapshots.sentIndexes, [logIndex(7)]);
  transfers[1]?.resolve();
  await settle();
  assert.deepEqual(delivered, [true]);
  assert.deepEqual(snapshots.sentIndexes, []);
});

test('a member that stops ends what it receives', async () => {
  const { snapshots } = setUp();
  const { stream } = stalledAfter(1, chunksOf(7));
  const stalled = snapshots.receive(announce(7), stream);
  await settle();
  snapshots.close();
  await assert.rejects(stalled, /the member stops/);
});

test('the size of the newest snapshot is known, also after a restart', async () => {
  const { disk, storage, stateMachine, snapshots, install, taken } = setUp();
  const sizeInStorage = async () => {
    let bytes = 0;
    for await (const chunk of storage.openSnapshot()?.chunks() ?? []) bytes += chunk.length;
    return bytes;
  };
  assert.equal(snapshots.newestBytes, 0);
  await snapshots.receive(announce(7), streamOf(chunksOf(7)));
  await install(7);
  assert.equal(snapshots.newestBytes, await sizeInStorage());
  new Log(stateMachine).apply(set('/another', 'value'));
  snapshots.take(metadataOf(8));
  await settle();
  assert.deepEqual(taken, [8]);
  const bytes = await sizeInStorage();
  assert.ok(bytes > 0);
  assert.equal(snapshots.newestBytes, bytes);

  disk.crash();
  const restarted = setUp({ disk }).snapshots;
  await restarted.restore();
  assert.equal(restarted.newestBytes, bytes);
});

/** Each look at it finds half a second gone. */
class PassingClock extends ManualClock {
  override now(): number {
    this.advance(500);
    return super.now();
  }
}

test('a start from a large snapshot tells every two seconds how much it has read', async () => {
  const disk = new MemoryDisk(() => 0.5);
  const before = setUp({ disk });
  await before.snapshots.receive(announce(60), streamOf(chunksOf(60)));
  await before.install(60);
  disk.crash();
  const logger = new LogRecorder();
  const restarted = setUp({ disk, clock: new PassingClock(0), logger }).snapshots;
  await restarted.restore();
  const lines = logger.takeLines();
  assert.ok(lines.length > 1, `${lines.length} lines`);
  let last = 0;
  for (const { message, fields } of lines) {
    assert.equal(message, 'restores its snapshot');
    const { bytes, totalBytes } = fields;
    assert.ok(typeof bytes === 'number' && bytes > last, 'it goes on');
    assert.equal(totalBytes, restarted.newestBytes);
    last = bytes;
  }
});
