import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setImmediate as nextMacrotask } from 'node:timers/promises';
import { logIndex } from '../../src/ids.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { completeAtOnce, type MemoryStepKind } from '../support/memory-queue.js';
import { MemoryStorage } from '../support/memory-storage.js';
import { conformance } from './conformance.js';
import {
  chunksOf,
  entries,
  hardState,
  metadata,
  owner,
  plain,
  storeSnapshot,
  writeOf,
} from './samples.js';

/** A small generator: the tests need repeatable numbers, not good ones. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

let seed = 1;
conformance('MemoryStorage', async () => {
  seed += 1;
  const disk = new MemoryDisk(seeded(seed));
  return {
    open: async (as) => MemoryStorage.open({ ...as, disk, schedule: completeAtOnce }),
    dispose: async () => undefined,
  };
});

/** A disk whose steps end when the test says so. */
class ManualDisk {
  readonly disk: MemoryDisk;
  readonly kinds: MemoryStepKind[] = [];
  readonly #pending: (() => void)[] = [];

  constructor(random: () => number) {
    this.disk = new MemoryDisk(random);
  }

  open(): MemoryStorage {
    return MemoryStorage.open({
      ...owner,
      disk: this.disk,
      schedule: (complete, kind) => {
        this.kinds.push(kind);
        this.#pending.push(complete);
      },
    });
  }

  completeNext(): void {
    const complete = this.#pending.shift();
    assert.ok(complete, 'a step is in progress');
    complete();
  }
}

/** Whether the promise has settled by now, without waiting for it. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open');
  return (await Promise.race([promise.catch(() => undefined), Promise.resolve(open)])) !== open;
}

it('a write is on the disk when it resolves, and not before', async () => {
  const manual = new ManualDisk(seeded(1));
  const storage = manual.open();
  const written = storage.write(writeOf(hardState(1), entries(1, 2, 1)));
  assert.deepEqual(manual.disk.entries, []);
  assert.equal(await isSettled(written), false);
  manual.completeNext();
  await written;
  assert.deepEqual(plain(manual.disk.entries), plain(entries(1, 2, 1)));
  assert.deepEqual(manual.disk.hardState, hardState(1));
});

it('one step is in progress at a time, in the order of the calls', async () => {
  const manual = new ManualDisk(seeded(1));
  const storage = manual.open();
  const written = storage.write(writeOf(hardState(1), entries(1, 2, 1)));
  const writer = storage.createSnapshot(metadata(1, 1));
  const appended = writer.append(Buffer.from('chunk'));
  assert.deepEqual(manual.kinds, ['write']);
  manual.completeNext();
  assert.deepEqual(manual.kinds, ['write', 'chunk']);
  manual.completeNext();
  await Promise.all([written, appended]);
  const finished = writer.finish();
  assert.equal(await isSettled(finished), false);
  manual.completeNext();
  await finished;
  assert.deepEqual(manual.disk.snapshot?.metadata, metadata(1, 1));
  const compacted = storage.compact(logIndex(1));
  manual.completeNext();
  await compacted;
  assert.deepEqual(manual.kinds, ['write', 'chunk', 'finish', 'compact']);
  assert.deepEqual(plain(manual.disk.entries), plain(entries(2, 2, 1)));
});

for (const [claim, random, kept] of [
  ['whole', 0.1, 2],
  ['not at all', 0.9, 0],
] as const) {
  it(`a crash keeps the write in progress ${claim}, and none that waits behind it`, async () => {
    const manual = new ManualDisk(() => random);
    const storage = manual.open();
    const first = storage.write(writeOf(hardState(1), entries(1, 2, 1)));
    const second = storage.write(writeOf(hardState(1), entries(3, 3, 1)));
    manual.disk.crash();
    assert.equal(manual.disk.entries.length, kept);
    manual.completeNext();
    assert.equal(manual.disk.entries.length, kept, 'a late completion has no effect');
    assert.equal(await isSettled(first), false);
    assert.equal(await isSettled(second), false);
    await storage.close();
    const again = manual.open();
    assert.equal(again.start.entries.length, kept);
    assert.equal(again.start.boot, 2);
  });
}

it('a crash before the end of a snapshot leaves the older one', async () => {
  const manual = new ManualDisk(() => 0.9);
  const finish = async (storage: MemoryStorage, index: number): Promise<void> => {
    const stored = storeSnapshot(storage, metadata(index, 1));
    for (const _ of [...chunksOf(metadata(index, 1)), 'finish']) {
      await nextMacrotask();
      manual.completeNext();
    }
    await stored;
  };
  const storage = manual.open();
  await finish(storage, 3);
  const writer = storage.createSnapshot(metadata(5, 1));
  const appended = writer.append(Buffer.from('half'));
  manual.completeNext();
  await appended;
  void writer.finish();
  assert.equal(manual.kinds.at(-1), 'finish');
  manual.disk.crash();
  assert.deepEqual(manual.open().start.snapshot, metadata(3, 1));
});

for (const isWritten of [true, false]) {
  it(`after a failed write nothing succeeds (its bytes ${isWritten ? 'did' : 'did not'} arrive)`, async () => {
    const disk = new MemoryDisk(() => (isWritten ? 0.1 : 0.9));
    const storage = MemoryStorage.open({ ...owner, disk, schedule: completeAtOnce });
    await storage.write(writeOf(hardState(1), entries(1, 1, 1)));
    disk.failNextWrite();
    const failed = storage.write(writeOf(hardState(1), entries(2, 2, 1)));
    const behind = storage.compact(logIndex(0));
    const failure = { name: 'StorageError', code: 'io' };
    await assert.rejects(failed, failure);
    await assert.rejects(behind, failure);
    await assert.rejects(storage.write(writeOf(hardState(1), entries(2, 2, 1))), failure);
    await assert.rejects(storage.createSnapshot(metadata(1, 1)).append(Buffer.alloc(1)), failure);
    assert.throws(() => storage.openSnapshot(), failure);
    await storage.close();
    const again = MemoryStorage.open({ ...owner, disk, schedule: completeAtOnce });
    assert.equal(again.start.entries.length, isWritten ? 2 : 1);
    await again.write(writeOf(hardState(1), entries(again.start.entries.length + 1, 3, 1)));
  });
}

it('the same seed makes the same disk', async () => {
  const [one, other] = [7, 7].map((each) => {
    const disk = new MemoryDisk(seeded(each));
    return MemoryStorage.open({ ...owner, disk, schedule: completeAtOnce }).start.identity;
  });
  assert.deepEqual(one, other);
});
