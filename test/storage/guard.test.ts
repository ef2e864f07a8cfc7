import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { it } from 'node:test';
import { Guard } from '../../src/storage/guard.js';
import { temporaryDirectory } from './level-disk.js';

it('of many that come at once, at most one gets the directory', async (test) => {
  const dataDir = await temporaryDirectory(test);
  for (let round = 0; round < 10; round += 1) {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => Guard.acquire(dataDir)),
    );
    const guards: Guard[] = [];
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') guards.push(outcome.value);
      else assert.equal(outcome.reason.code, 'inUse');
    }
    assert.ok(guards.length <= 1, `${guards.length} have it`);
    for (const guard of guards) await guard.release();
    assert.deepEqual(await readdir(dataDir), []);
  }
});

it('a guard is released as a whole, and can be had again', async (test) => {
  const dataDir = await temporaryDirectory(test);
  for (let round = 0; round < 3; round += 1) {
    const guard = await Guard.acquire(dataDir);
    await assert.rejects(Guard.acquire(dataDir), {
      code: 'inUse',
      message: new RegExp(`process ${process.pid} `),
    });
    await guard.release();
  }
  assert.deepEqual(await readdir(dataDir), []);
});

it('what a dead process or a copied directory left does not block', async (test) => {
  const dataDir = await temporaryDirectory(test);
  await writeFile(join(dataDir, 'guard.1.00000000'), '');
  await writeFile(join(dataDir, `guard.${process.pid}.00000000`), '');
  await writeFile(join(dataDir, 'guarding.1.00000000'), '');
  const guard = await Guard.acquire(dataDir);
  assert.equal((await readdir(dataDir)).length, 1);
  await guard.release();
});

it('a living owner counts, whatever number its process has', async (test) => {
  const dataDir = await temporaryDirectory(test);
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(join(dataDir, 'guard.1.00000000'), resolve);
  });
  await assert.rejects(Guard.acquire(dataDir), { code: 'inUse', message: /process 1 has/ });
  await new Promise((resolve) => server.close(resolve));
});

it('a path that is too long for a socket is guarded all the same', async (test) => {
  const dataDir = join(await temporaryDirectory(test), 'd'.repeat(120));
  await mkdir(dataDir);
  const guard = await Guard.acquire(dataDir);
  await assert.rejects(Guard.acquire(dataDir), { code: 'inUse' });
  await guard.release();
});
