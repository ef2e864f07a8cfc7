import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import type { Write } from '../../src/raft/ready.js';
import { openLevel } from './level-disk.js';
import { entry, hardState, plain, writeOf } from './samples.js';

function mount(path: string, options: string): string | undefined {
  const result = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  return result.status === 0 ? undefined : `mount says: ${result.error ?? result.stderr}`;
}

/** A small disk of its own; undefined when this machine does not let us have one. */
async function smallDisk(test: TestContext): Promise<string | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'conclave-full-disk-'));
  test.after(async () => {
    spawnSync('umount', [path]);
    await rmdir(path);
  });
  const refusal = mount(path, 'size=1m');
  if (refusal === undefined) return path;
  assert.equal(process.env['CI'], undefined, `a full disk must be tested here, but ${refusal}`);
  test.skip(`no small disk without the right to mount one: ${refusal}`);
  return undefined;
}

function writeAt(index: number): Write {
  const data = Buffer.alloc(9_000, String(index));
  return writeOf(hardState(1, index - 1), [{ ...entry(index, 1), data }]);
}

it('when the disk is full the storage is at its end, and what it acknowledged is kept', async (test) => {
  const disk = await smallDisk(test);
  if (disk === undefined) return;
  const storage = await openLevel(join(disk, 'data'));
  let acknowledged = 0;
  const failure = await (async (): Promise<unknown> => {
    try {
      for (;;) {
        await storage.write(writeAt(acknowledged + 1));
        acknowledged += 1;
      }
    } catch (error) {
      return error;
    }
  })();
  assert.ok(acknowledged > 20, `${acknowledged} writes before the disk was full`);
  assert.ok(failure instanceof Error && 'code' in failure && failure.code === 'io');
  assert.match(failure.message, /No space left|ENOSPC/);

  assert.equal(mount(disk, 'remount,size=8m'), undefined);
  for (let attempt = 0; attempt < 20; attempt += 1) {
    await assert.rejects(storage.write(writeAt(acknowledged + 1)), failure);
  }
  await storage.close();

  const reopened = await openLevel(join(disk, 'data'));
  const { entries } = reopened.start;
  assert.ok(entries.length >= acknowledged, `${entries.length} of ${acknowledged} are left`);
  const expected = entries.map(({ index }) => writeAt(index).entries[0] ?? assert.fail());
  assert.deepEqual(plain(entries), plain(expected));
  await reopened.write(writeAt(entries.length + 1));
  await reopened.close();
});
