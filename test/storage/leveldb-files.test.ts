import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { crc32c, maskedCrc32c } from '../../src/storage/crc32c.js';
import { liveTables } from '../../src/storage/leveldb-manifest.js';
import { faultOfTable } from '../../src/storage/leveldb-table.js';
import { memoryDirectory } from './level-disk.js';
import { withRawDatabase } from './raw-database.js';

/** Writes so many kilobytes in one start: each 64 make a table, and some tables become one. */
async function fill(dataDir: string, kilobytes: number): Promise<void> {
  await withRawDatabase(dataDir, async (database) => {
    for (let at = 0; at < kilobytes; at += 1) {
      await database.put(Buffer.from(`key ${at % 250}`), Buffer.alloc(1000, at));
    }
  });
}

async function filesOf(dataDir: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(join(dataDir, 'db'));
  return names.filter((name) => pattern.test(name)).sort();
}

it('the checksum is the one that LevelDB uses', () => {
  // RFC 3720, appendix B.4.
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  assert.equal(maskedCrc32c(Buffer.from('123456789')), 0xc78ab0e5);
});

it('the live tables are those that LevelDB keeps', async (test) => {
  const dataDir = await memoryDirectory(test);
  const unlistedAfter = async (kilobytes: number) => {
    await fill(dataDir, kilobytes);
    const [manifest] = await filesOf(dataDir, /^MANIFEST/);
    const live = liveTables(await readFile(join(dataDir, 'db', manifest ?? assert.fail())));
    const names = [...live].map((number) => `${String(number).padStart(6, '0')}.ldb`);
    const tables = await filesOf(dataDir, /\.ldb$/);
    for (const name of names) assert.ok(tables.includes(name), `${name} is not there`);
    return tables.filter((name) => !names.includes(name));
  };
  for (const kilobytes of [1, 1, 1, 300, 700, 1]) {
    let unlisted = await unlistedAfter(kilobytes);
    // A compaction that is cut off when the database closes leaves the table that it was writing.
    // A later start removes that, and begins again.
    for (let starts = 0; unlisted.length > 0 && starts < 20; starts += 1) {
      unlisted = await unlistedAfter(0);
    }
    assert.deepEqual(unlisted, []);
  }
});

it('a manifest that is torn or damaged names tables that were live once, and no others', async (test) => {
  const dataDir = await memoryDirectory(test);
  await fill(dataDir, 1000);
  const [manifest] = await filesOf(dataDir, /^MANIFEST/);
  const whole = await readFile(join(dataDir, 'db', manifest ?? assert.fail()));
  const once = new Set<number>();
  for (let length = 0; length <= whole.length; length += 1) {
    for (const number of liveTables(whole.subarray(0, length))) once.add(number);
  }
  assert.ok(once.size > liveTables(whole).size);
  for (let bit = 0; bit < whole.length * 8; bit += 3) {
    const damaged = Buffer.from(whole);
    damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    for (const number of liveTables(damaged)) assert.ok(once.has(number), `bit ${bit}`);
  }
});

it('every flipped bit of a table is found, but for the padding of its footer', async (test) => {
  const dataDir = await memoryDirectory(test);
  for (const kilobytes of [20, 1]) await fill(dataDir, kilobytes);
  const [name] = await filesOf(dataDir, /\.ldb$/);
  const table = await readFile(join(dataDir, 'db', name ?? assert.fail()));
  assert.equal(faultOfTable(table), undefined);
  const unnoticed = new Set<number>();
  for (let position = 0; position < table.length; position += 1) {
    table.writeUInt8(table.readUInt8(position) ^ (1 << (position % 8)), position);
    if (faultOfTable(table) === undefined) unnoticed.add(position - table.length);
    table.writeUInt8(table.readUInt8(position) ^ (1 << (position % 8)), position);
  }
  // Padding, and a number of which one form is a byte longer than the other.
  for (const position of unnoticed) assert.ok(position >= -48 && position < -8, `byte ${position}`);
  assert.ok(unnoticed.size <= 36);
});

it('a table that is cut short is found', async (test) => {
  const dataDir = await memoryDirectory(test);
  for (const kilobytes of [20, 1]) await fill(dataDir, kilobytes);
  const [name] = await filesOf(dataDir, /\.ldb$/);
  const table = await readFile(join(dataDir, 'db', name ?? assert.fail()));
  for (let length = 0; length < table.length; length += 37) {
    assert.ok(faultOfTable(table.subarray(0, length)), `${length} bytes of ${table.length}`);
    assert.ok(faultOfTable(table.subarray(length + 1)), `all but ${length + 1} bytes`);
  }
});
