import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { logIndex } from '../../src/ids.js';
import type { DurableStep } from '../../src/storage/database.js';
import { LevelStorage } from '../../src/storage/level-storage.js';
import { type Content, contentOf } from './content.js';
import { copyDataDirectory, memoryDirectory, openLevel } from './level-disk.js';
import {
  entries,
  hardState,
  metadata,
  owner,
  somebody,
  storeSnapshot,
  writeOf,
} from './samples.js';

type Act = (storage: LevelStorage) => Promise<void>;

/** A member's life, act by act. */
const acts: readonly (readonly [name: string, act: Act])[] = [
  ['append', (storage) => storage.write(writeOf(hardState(1, 0, somebody), entries(1, 5, 1)))],
  ['append more', (storage) => storage.write(writeOf(hardState(1, 3, somebody), entries(6, 9, 1)))],
  ['a new term', (storage) => storage.write(writeOf(hardState(2, 4)))],
  ['a vote', (storage) => storage.write(writeOf(hardState(2, 4, somebody)))],
  ['replace', (storage) => storage.write(writeOf(hardState(3, 5), entries(7, 7, 3)))],
  ['append again', (storage) => storage.write(writeOf(hardState(3, 5), entries(8, 12, 3)))],
  ['take a snapshot', (storage) => storeSnapshot(storage, metadata(7, 3))],
  ['compact', (storage) => storage.compact(logIndex(7))],
  [
    'replace in a cut record',
    (storage) => storage.write(writeOf(hardState(4, 8), entries(10, 11, 4))),
  ],
  ['receive a snapshot', (storage) => storeSnapshot(storage, metadata(10, 5))],
  [
    'install it',
    (storage) => storage.write(writeOf(hardState(5, 10), entries(11, 11, 5), metadata(10, 5))),
  ],
  ['append to it', (storage) => storage.write(writeOf(hardState(5, 11), entries(12, 14, 5)))],
  ['take a newer one', (storage) => storeSnapshot(storage, metadata(14, 5))],
  ['compact all', (storage) => storage.compact(logIndex(14))],
  ['receive one far ahead', (storage) => storeSnapshot(storage, metadata(90, 6))],
  ['install that', (storage) => storage.write(writeOf(hardState(6, 90), [], metadata(90, 6)))],
  ['append at last', (storage) => storage.write(writeOf(hardState(6, 90), entries(91, 92, 6)))],
];

async function reopened(dataDir: string): Promise<Content> {
  const storage = await openLevel(dataDir);
  try {
    return await contentOf(storage);
  } finally {
    await storage.close();
  }
}

/** Copies of a directory, each as a crash in front of one durable step would leave it. */
class Images {
  readonly #directory: string;
  readonly dataDir: string;
  readonly taken: { readonly path: string; readonly what: string }[] = [];
  act = '';
  #count = 0;
  #copying: Promise<void> = Promise.resolve();

  constructor(directory: string) {
    this.#directory = directory;
    this.dataDir = join(directory, 'data');
  }

  /** One at a time: no other step may go on while a copy is made. */
  readonly beforeStep = (step: DurableStep): Promise<void> => {
    this.#copying = this.#copying.then(() => this.#take(step));
    return this.#copying;
  };

  async #take(step: DurableStep): Promise<void> {
    this.#count += 1;
    const path = join(this.#directory, `image-${this.#count}`);
    const what = `before a ${step} of '${this.act}'`;
    await copyDataDirectory(this.dataDir, path);
    this.taken.push({ path, what });
  }
}

/** The content of a copy: to open the directory itself would be a start more. */
async function contentNow(images: Images): Promise<Content> {
  const copy = `${images.dataDir}.now`;
  await copyDataDirectory(images.dataDir, copy);
  const content = await reopened(copy);
  await rm(copy, { recursive: true });
  return content;
}

for (const isRestarting of [false, true]) {
  const claim =
    'a crash before any durable step leaves all that was there, or all that was to come';
  it(`${claim} (${isRestarting ? 'the watermark is up to date' : 'the watermark lags'})`, async (test) => {
    const images = new Images(await memoryDirectory(test));
    let storage = await LevelStorage.open({ ...owner, ...images });
    let before = await contentNow(images);
    for (const [name, act] of acts) {
      images.act = name;
      images.taken.length = 0;
      await act(storage);
      if (isRestarting) {
        await storage.close();
        storage = await LevelStorage.open({ ...owner, ...images });
      }
      const after = await contentNow(images);
      assert.ok(images.taken.length > 0, `${name} has steps`);
      for (const { path, what } of images.taken) {
        const found = JSON.stringify(await reopened(path));
        const allowed = [before, after].map((each) => JSON.stringify(each));
        assert.ok(allowed.includes(found), `${what}: ${found}, not ${allowed.join(' or ')}`);
      }
      before = after;
    }
    await storage.close();
    assert.equal(before.entries.length, 2);
  });
}

describe('making a directory may be cut short', () => {
  async function assertUsable(dataDir: string, what: string): Promise<void> {
    for (const boot of [1, 2]) {
      const storage = await openLevel(dataDir);
      assert.equal(storage.start.boot, boot, what);
      await storage.write(writeOf(hardState(boot), entries(boot, boot, boot)));
      await storage.close();
    }
  }

  it('before any durable step', async (test) => {
    const images = new Images(await memoryDirectory(test));
    images.act = 'making it';
    await (await LevelStorage.open({ ...owner, ...images })).close();
    const [first, second, third, fourth] = images.taken;
    assert.equal(images.taken.length, 5, 'two batches, and the watermark made, raised and flushed');
    for (const image of [first, second, third]) {
      await assertUsable(image?.path ?? assert.fail(), image?.what ?? '');
    }
    const storage = await openLevel(fourth?.path ?? assert.fail());
    assert.equal(storage.start.boot, 2, 'a start is counted once it is durable');
    await storage.close();
  });

  it('while its database has not got its name', async (test) => {
    const dataDir = await memoryDirectory(test);
    await mkdir(join(dataDir, 'db.new'));
    await writeFile(join(dataDir, 'db.new/CURRENT'), '');
    await writeFile(join(dataDir, 'watermark.tmp'), 'half');
    await assertUsable(dataDir, 'an unfinished database');
    assert.deepEqual((await readdir(dataDir)).sort(), ['db', 'watermark']);
  });

  it('and what was made then is never taken for the member that it might have been', async (test) => {
    const dataDir = await memoryDirectory(test);
    const images = new Images(dataDir);
    const storage = await LevelStorage.open({ ...owner, ...images });
    const { incarnation } = storage.start.identity;
    await storage.close();
    const withoutWatermark = images.taken[1]?.path ?? assert.fail();
    assert.deepEqual(await readdir(withoutWatermark), ['db']);
    const again = await openLevel(withoutWatermark);
    assert.notEqual(again.start.identity.incarnation, incarnation);
    await again.close();
  });
});
