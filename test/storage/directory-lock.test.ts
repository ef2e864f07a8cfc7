import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { it } from 'node:test';
import { DirectoryLock } from '../../src/storage/directory-lock.js';
import { temporaryDirectory } from './level-disk.js';

it('of many that come at once, at most one gets the directory', async (test) => {
  const dataDir = await temporaryDirectory(test);
  for (let round = 0; round < 10; round += 1) {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => DirectoryLock.acquire(dataDir)),
    );
    const locks: DirectoryLock[] = [];
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') locks.push(outcome.value);
      else assert.equal(outcome.reason.code, 'inUse');
    }
    assert.ok(locks.length <= 1, `${locks.length} have it`);
    for (const lock of locks) await lock.release();
    assert.deepEqual(await readdir(dataDir), []);
  }
});

it('a directory lock is released as a whole, and can be had again', async (test) => {
  const dataDir = await temporaryDirectory(test);
  for (let round = 0; round < 3; round += 1) {
    const lock = await DirectoryLock.acquire(dataDir);
    await assert.rejects(DirectoryLock.acquire(dataDir), {
      code: 'inUse',
      message: new RegExp(`process ${process.pid} `),
    });
    await lock.release();
  }
  assert.deepEqual(await readdir(dataDir), []);
});

it('what a dead process or a copied directory left does not block', async (test) => {
  const dataDir = await temporaryDirectory(test);
  await writeFile(join(dataDir, 'lock.1.00000000'), '');
  await writeFile(join(dataDir, `lock.${process.pid}.00000000`), '');
  await writeFile(join(dataDir, 'locking.1.00000000'), '');
  const lock = await DirectoryLock.acquire(dataDir);
  assert.equal((await readdir(dataDir)).length, 1);
  await lock.release();
});

it('a living owner counts, whatever number its process has', async (test) => {
  const dataDir = await temporaryDirectory(test);
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(join(dataDir, 'lock.1.00000000'), resolve);
  });
  await assert.rejects(DirectoryLock.acquire(dataDir), { code: 'inUse', message: /process 1 has/ });
  await new Promise((resolve) => server.close(resolve));
});

it('a path that is too long for a socket is locked all the same', async (test) => {
  const dataDir = join(await temporaryDirectory(test), 'd'.repeat(120));
  await mkdir(dataDir);
  const lock = await DirectoryLock.acquire(dataDir);
  await assert.rejects(DirectoryLock.acquire(dataDir), { code: 'inUse' });
  await lock.release();
});
