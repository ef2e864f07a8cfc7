import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import type { Write } from '../../src/raft/ready.js';
import { mount, smallDisk } from '../support/small-disk.js';
import { openLevel } from './level-disk.js';
import { entry, hardState, plain, writeOf } from './samples.js';

function writeAt(index: number): Write {
  const data = Buffer.alloc(9_000, String(index));
  return writeOf(hardState(1, index - 1), [{ ...entry(index, 1), data }]);
}

it('when the disk is full the storage is at its end, and what it acknowledged is kept', async (test) => {
  const disk = await smallDisk(test, '1m');
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
