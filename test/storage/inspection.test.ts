import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { inspectDirectory } from '../../src/storage/inspection.js';
import { memoryDirectory, openLevel } from './level-disk.js';
import {
  chunksOf,
  entries,
  hardState,
  metadata,
  readAll,
  storeSnapshot,
  writeOf,
} from './samples.js';

/** A member that ran twice, and is stopped. */
async function stoppedMember(test: TestContext): Promise<string> {
  const dataDir = join(await memoryDirectory(test), 'data');
  const storage = await openLevel(dataDir);
  await storage.write(writeOf(hardState(1), entries(1, 40, 1)));
  await storeSnapshot(storage, metadata(30, 1));
  await storage.close();
  const again = await openLevel(dataDir);
  await again.write(writeOf(hardState(2, 35), entries(41, 60, 2)));
  await again.close();
  return dataDir;
}

/** Every file with its content. */
async function filesOf(dataDir: string): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  for (const name of (await readdir(dataDir, { recursive: true })).sort()) {
    const path = join(dataDir, name);
    if ((await stat(path)).isDirectory()) files[name] = 'directory';
    else
      files[name] = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
  }
  return files;
}

describe('an inspection', () => {
  it('finds what a start would find, and changes nothing', async (test) => {
    const dataDir = await stoppedMember(test);
    const before = await filesOf(dataDir);
    await inspectDirectory(dataDir, async (found) => {
      assert.deepEqual([found.boot, found.hardState], [2, hardState(2, 35)]);
      assert.deepEqual([found.entries.at(-1)?.index, found.entries.length], [60, 60]);
      const reader = found.openSnapshot();
      assert.equal(reader?.metadata.lastIncludedIndex, 30);
      assert.deepEqual(await readAll(reader?.chunks() ?? assert.fail()), chunksOf(metadata(30, 1)));
    });
    assert.deepEqual(await filesOf(dataDir), before);
    const storage = await openLevel(dataDir);
    assert.equal(storage.start.boot, 3);
    await storage.close();
  });

  it('refuses a directory that a process has open', async (test) => {
    const dataDir = await stoppedMember(test);
    await using _ = await openLevel(dataDir);
    const inUse = { code: 'inUse', message: new RegExp(`process ${process.pid} has the data dir`) };
    await assert.rejects(
      inspectDirectory(dataDir, () => assert.fail('it was opened')),
      inUse,
    );
  });

  it('notices damage, and leaves it as it is', async (test) => {
    const dataDir = await stoppedMember(test);
    const journal = (await readdir(join(dataDir, 'db'))).find((name) => name.endsWith('.log'));
    const path = join(dataDir, 'db', journal ?? assert.fail());
    await truncate(path, Math.floor((await stat(path)).size / 2));
    const before = await filesOf(dataDir);
    await assert.rejects(
      inspectDirectory(dataDir, () => assert.fail('it was opened')),
      { code: 'corrupt' },
    );
    assert.deepEqual(await filesOf(dataDir), before);
  });

  it('ends with what its user throws, and leaves nothing behind', async (test) => {
    const dataDir = await stoppedMember(test);
    await assert.rejects(
      inspectDirectory(dataDir, async () => {
        throw new Error('enough');
      }),
      /enough/,
    );
    assert.deepEqual((await readdir(dataDir)).sort(), ['db', 'watermark']);
  });

  it('takes away what one that was killed has left', async (test) => {
    const dataDir = await stoppedMember(test);
    await mkdir(join(dataDir, 'db.copy'));
    await writeFile(join(dataDir, 'db.copy', '000099.ldb'), 'half');
    await inspectDirectory(dataDir, async ({ boot }) => assert.equal(boot, 2));
    assert.deepEqual((await readdir(dataDir)).sort(), ['db', 'watermark']);
    await mkdir(join(dataDir, 'db.copy'));
    await (await openLevel(dataDir)).close();
    assert.deepEqual((await readdir(dataDir)).sort(), ['db', 'watermark']);
  });

  it('refuses a directory of something else', async (test) => {
    const directory = await memoryDirectory(test);
    await assert.rejects(
      inspectDirectory(directory, () => assert.fail('it was opened')),
      /is no data directory of a member/,
    );
    assert.deepEqual(await readdir(directory), []);
    await assert.rejects(
      inspectDirectory(join(directory, 'none'), () => assert.fail('it was opened')),
    );
  });
});
