import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as nextMacrotask } from 'node:timers/promises';
import { Level } from 'level';
import { logIndex } from '../../src/ids.js';
import type { DurableStep } from '../../src/storage/database.js';
import { LevelStorage } from '../../src/storage/level-storage.js';
import { decodeWatermark, type Watermark } from '../../src/storage/watermark-record.js';
import { conformance } from './conformance.js';
import { levelDisk, openLevel, temporaryDirectory } from './level-disk.js';
import {
  entries,
  hardState,
  metadata,
  owner,
  somebody,
  storeSnapshot,
  withChecksum,
  writeOf,
} from './samples.js';

conformance('LevelStorage', levelDisk);

const ioFailure = { name: 'StorageError', code: 'io' };

describe('a data directory', () => {
  it('is made with its parents, for its owner only', async (test) => {
    const dataDir = join(await temporaryDirectory(test), 'a/b');
    await (await openLevel(dataDir)).close();
    assert.equal((await stat(dataDir)).mode & 0o777, 0o700);
    assert.deepEqual((await readdir(dataDir)).sort(), ['db', 'watermark']);
  });

  it('may be a mount point, or anything else that is empty', async (test) => {
    const directory = await temporaryDirectory(test);
    const dataDir = join(directory, 'data');
    await mkdir(join(dataDir, 'lost+found'), { recursive: true });
    await (await openLevel(dataDir)).close();
    await symlink(dataDir, join(directory, 'link'));
    const storage = await openLevel(join(directory, 'link'));
    assert.equal(storage.start.boot, 2);
    await storage.close();
  });

  it('that holds something else is refused, and left as it is', async (test) => {
    const dataDir = await temporaryDirectory(test);
    await writeFile(join(dataDir, 'letters.txt'), 'dear');
    await assert.rejects(openLevel(dataDir), { code: 'identity', message: /letters\.txt/ });
    assert.deepEqual(await readdir(dataDir), ['letters.txt']);
  });

  it('of a newer release is refused as such', async (test) => {
    const dataDir = await temporaryDirectory(test);
    await (await openLevel(dataDir)).close();
    const newer = withChecksum(Buffer.of(100, 1, 2, 3, 0, 0, 0, 0));
    await writeFile(join(dataDir, 'watermark'), newer);
    await assert.rejects(openLevel(dataDir), { code: 'version', message: /format 100/ });
  });
});

/** A storage whose steps are counted, and fail from a chosen one on. */
async function fragile(
  test: TestContext,
): Promise<{ storage: LevelStorage; steps: DurableStep[]; failAt(step: DurableStep): void }> {
  const steps: DurableStep[] = [];
  let failing: DurableStep | undefined;
  const storage = await LevelStorage.open({
    ...owner,
    dataDir: await temporaryDirectory(test),
    beforeStep: async (step) => {
      steps.push(step);
      if (step === failing) throw new Error('ENOSPC: no space left on device');
    },
  });
  test.after(() => storage.close());
  return {
    storage,
    steps,
    failAt: (step) => {
      failing = step;
    },
  };
}

it('every write to the database is a synced batch', async (test) => {
  const batch = test.mock.method(Level.prototype, 'batch');
  const others = (['put', 'del', 'clear'] as const).map((name) =>
    test.mock.method(Level.prototype, name),
  );
  const storage = await openLevel(await temporaryDirectory(test));
  await storage.write(writeOf(hardState(1), entries(1, 2, 1)));
  await storeSnapshot(storage, metadata(2, 1));
  await storage.compact(logIndex(2));
  await storage.close();
  assert.ok(batch.mock.callCount() >= 8);
  for (const { arguments: given } of batch.mock.calls as { arguments: unknown[] }[]) {
    assert.deepEqual(given[1], { sync: true });
  }
  for (const other of others) assert.equal(other.mock.callCount(), 0);
});

it('close waits for all that was asked for before', async (test) => {
  const dataDir = await temporaryDirectory(test);
  let release = (): void => undefined;
  let gate: Promise<void> = Promise.resolve();
  const storage = await LevelStorage.open({ ...owner, dataDir, beforeStep: () => gate });
  gate = new Promise((resolve) => {
    release = resolve;
  });
  const written = [
    storage.write(writeOf(hardState(1), entries(1, 2, 1))),
    storage.write(writeOf(hardState(1), entries(3, 4, 1))),
  ];
  const closed = storage.close();
  release();
  await Promise.all([...written, closed]);
  const reopened = await openLevel(dataDir);
  assert.equal(reopened.start.entries.length, 4);
  await reopened.close();
});

describe('after a failure', () => {
  for (const [claim, step, write] of [
    ['of a batch', 'batch', writeOf(hardState(1), entries(3, 3, 1))],
    ['of the watermark', 'watermark', writeOf(hardState(2), entries(3, 3, 2))],
  ] as const) {
    it(`${claim} every call fails the same way, and nothing is written any more`, async (test) => {
      const { storage, steps, failAt } = await fragile(test);
      await storage.write(writeOf(hardState(1), entries(1, 2, 1)));
      await storeSnapshot(storage, metadata(1, 1));
      const writer = storage.createSnapshot(metadata(2, 1));
      failAt(step);
      const message = /no space left.*start again/;
      await assert.rejects(storage.write(write), { ...ioFailure, message });
      steps.length = 0;
      await assert.rejects(storage.write(write), { ...ioFailure, message });
      await assert.rejects(writer.append(Buffer.alloc(1)), { ...ioFailure, message });
      await assert.rejects(writer.finish(), { ...ioFailure, message });
      await assert.rejects(storage.compact(logIndex(1)), { ...ioFailure, message });
      assert.throws(() => storage.openSnapshot(), { ...ioFailure, message });
      await writer.abort();
      await storage.close();
      assert.deepEqual(steps, []);
    });
  }

  it('of a chunk the snapshot has no end', async (test) => {
    const { storage, failAt } = await fragile(test);
    await storage.write(writeOf(hardState(1), entries(1, 2, 1)));
    const writer = storage.createSnapshot(metadata(2, 1));
    failAt('batch');
    await assert.rejects(writer.append(Buffer.alloc(1)), ioFailure);
    await assert.rejects(writer.finish(), ioFailure);
  });
});

describe('the watermark', () => {
  async function openWatched(
    test: TestContext,
  ): Promise<{ storage: LevelStorage; steps: DurableStep[]; read(): Promise<Watermark> }> {
    test.mock.timers.enable({ apis: ['setTimeout'] });
    const dataDir = await temporaryDirectory(test);
    const steps: DurableStep[] = [];
    const storage = await LevelStorage.open({
      ...owner,
      dataDir,
      beforeStep: async (step) => {
        steps.push(step);
      },
    });
    test.after(() => storage.close());
    steps.length = 0;
    const read = async (): Promise<Watermark> =>
      decodeWatermark(await readFile(join(dataDir, 'watermark')));
    return { storage, steps, read };
  }

  it('knows of a term and of a vote before the write resolves', async (test) => {
    const { storage, read } = await openWatched(test);
    for (const state of [hardState(3), hardState(3, 0, somebody), hardState(4, 0, somebody)]) {
      await storage.write(writeOf(state));
      const { currentTerm, votedFor } = state;
      assert.deepEqual((await read()).vote, { currentTerm, votedFor });
    }
  });

  it('is not written with every batch, and knows of all of them a second later', async (test) => {
    const { storage, steps, read } = await openWatched(test);
    await storage.write(writeOf(hardState(1), entries(1, 1, 1)));
    steps.length = 0;
    for (let index = 2; index <= 60; index += 1) {
      await storage.write(writeOf(hardState(1, index - 1), entries(index, index, 1)));
      test.mock.timers.tick(10);
    }
    assert.equal(steps.filter((step) => step === 'watermark').length, 0);
    test.mock.timers.tick(1000);
    while ((await read()).logEnd.index < 60) await nextMacrotask();
    assert.deepEqual((await read()).logEnd, { index: 60, term: 1 });
    assert.equal(steps.filter((step) => step === 'watermark').length, 1);
  });

  it('claims less before the log becomes shorter, and nothing that was replaced', async (test) => {
    const { storage, steps, read } = await openWatched(test);
    await storage.write(writeOf(hardState(1), entries(1, 10, 1)));
    test.mock.timers.tick(1000);
    while ((await read()).logEnd.index < 10) await nextMacrotask();
    steps.length = 0;
    await storage.write(writeOf(hardState(2), entries(7, 8, 2)));
    assert.deepEqual(steps, ['watermark', 'batch', 'watermark']);
    await storage.write(writeOf(hardState(2), entries(8, 8, 2)));
    assert.ok((await read()).logEnd.index <= 8);
  });

  it('knows of every snapshot, and after the end of everything', async (test) => {
    const { storage, read } = await openWatched(test);
    await storage.write(writeOf(hardState(1), entries(1, 10, 1)));
    await storeSnapshot(storage, metadata(6, 1));
    assert.equal((await read()).snapshotIndex, 6);
    await storage.write(writeOf(hardState(1), entries(11, 12, 1)));
    await storage.close();
    const { logEnd, boot } = await read();
    assert.deepEqual({ logEnd, boot }, { logEnd: { index: 12, term: 1 }, boot: 1 });
  });
});
