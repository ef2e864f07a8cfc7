import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Level } from 'level';
import { logIndex } from '../../src/ids.js';
import { checksumOf } from '../../src/storage/checksummed-record.js';
import { chunkKey, logKey, manifestKey, rootKey } from '../../src/storage/keys.js';
import { encodeRecord } from '../../src/storage/log-record.js';
import { encodeChunk } from '../../src/storage/snapshot-record.js';
import { snapshotChunkBytesMax } from '../../src/storage/storage.js';
import { assertRefused, contentOf } from './content.js';
import { copyDataDirectory, memoryDirectory, openLevel } from './level-disk.js';
import { countRows, type RawDatabase, withRawDatabase } from './raw-database.js';
import {
  entries,
  entry,
  hardState,
  metadata,
  plain,
  readAll,
  somebody,
  storeSnapshot,
  writeOf,
} from './samples.js';

describe('nothing is left behind', () => {
  it('of snapshots that were replaced, or had no end', async (test) => {
    const dataDir = await memoryDirectory(test);
    const storage = await openLevel(dataDir);
    await storage.write(writeOf(hardState(1), entries(1, 90, 1)));
    const chunk = Buffer.alloc(snapshotChunkBytesMax, 7);
    for (let index = 1; index <= 16; index += 1) {
      const writer = storage.createSnapshot(metadata(index, 1));
      for (let at = 0; at < 3; at += 1) await writer.append(chunk);
      await (index % 4 === 3 ? writer.abort() : writer.finish());
    }
    await storage.close();
    assert.deepEqual(await countRows(dataDir), { roots: 1, records: 1, manifests: 1, chunks: 3 });
    const reopened = await openLevel(dataDir);
    await reopened.createSnapshot(metadata(50, 1)).append(chunk);
    await reopened.close();
    assert.equal((await countRows(dataDir)).chunks, 4);
    await (await openLevel(dataDir)).close();
    assert.equal((await countRows(dataDir)).chunks, 3);
  });

  it('of a snapshot that was replaced while it was read', async (test) => {
    const dataDir = await memoryDirectory(test);
    const storage = await openLevel(dataDir);
    await storage.write(writeOf(hardState(1), entries(1, 9, 1)));
    await storeSnapshot(storage, metadata(1, 1));
    const readers = [storage.openSnapshot(), storage.openSnapshot()];
    await storeSnapshot(storage, metadata(2, 1));
    for (const reader of readers) {
      assert.equal((await readAll(reader?.chunks() ?? assert.fail())).length, 3);
    }
    await storage.close();
    assert.deepEqual(await countRows(dataDir), { roots: 1, records: 1, manifests: 1, chunks: 3 });
  });

  it('of entries that were compacted, replaced, or void', async (test) => {
    const dataDir = await memoryDirectory(test);
    const storage = await openLevel(dataDir);
    for (let index = 1; index <= 600; index += 1) {
      await storage.write(writeOf(hardState(1), entries(index, index, 1)));
    }
    await storage.write(writeOf(hardState(2), entries(501, 501, 2)));
    await storeSnapshot(storage, metadata(490, 1));
    await storage.compact(logIndex(480));
    await storage.close();
    assert.equal((await countRows(dataDir)).records, 21);
    const reopened = await openLevel(dataDir);
    await storeSnapshot(reopened, metadata(700, 3));
    await reopened.write(writeOf(hardState(3, 700), entries(701, 701, 3), metadata(700, 3)));
    await reopened.close();
    await (await openLevel(dataDir)).close();
    assert.equal((await countRows(dataDir)).records, 1);
  });

  it('of a compaction that a crash cut short', async (test) => {
    const dataDir = await memoryDirectory(test);
    const storage = await openLevel(dataDir);
    for (const index of [1, 2, 3, 4]) {
      await storage.write(writeOf(hardState(1), entries(index, index, 1)));
    }
    await storeSnapshot(storage, metadata(3, 1));
    await storage.close();
    const deleted = await withRawDatabase(dataDir, (database) => database.get(logKey(0, 2)));
    assert.ok(deleted);
    const again = await openLevel(dataDir);
    await again.compact(logIndex(3));
    await again.close();
    await withRawDatabase(dataDir, (database) => database.put(logKey(0, 2), deleted));
    const reopened = await openLevel(dataDir);
    assert.deepEqual(plain(reopened.start.entries), plain(entries(4, 4, 1)));
    await reopened.close();
    assert.equal((await countRows(dataDir)).records, 1);
  });
});

describe('a compaction', () => {
  it('walks over no record twice, nor over one that an earlier compaction deleted', async (test) => {
    const storage = await openLevel(await memoryDirectory(test));
    const walk = watchKeys(test);
    for (const end of [600, 1200, 1800]) {
      for (let index = end - 599; index <= end; index += 1) {
        await storage.write(writeOf(hardState(1), entries(index, index, 1)));
      }
      await storeSnapshot(storage, metadata(end, 1));
      await storage.compact(logIndex(end - 10));
    }
    await storage.close();
    const begins = walk().filter((key) => key[0] === rangeOfLog);
    assert.ok(begins.length > 9, `${begins.length} walks`);
    for (const [at, begin] of begins.slice(1).entries()) {
      const before = begins[at] ?? assert.fail();
      assert.ok(Buffer.compare(before, begin) < 0, `walk ${at + 1} begins where one has been`);
    }
  });
});

/** The first byte of the keys of all log records. */
const rangeOfLog = logKey(0, 0)[0];

/** Where each walk over keys of a database begins from now on. */
function watchKeys(test: TestContext): () => readonly Buffer[] {
  const begins: Buffer[] = [];
  const { keys } = Level.prototype;
  test.mock.method(Level.prototype, 'keys', function (this: RawDatabase, options: RangeOptions) {
    begins.push(options.gt ?? options.gte ?? assert.fail('a walk from the very beginning'));
    return keys.call(this, options);
  });
  return () => begins;
}

interface RangeOptions {
  readonly gt?: Buffer;
  readonly gte?: Buffer;
}

/** Records that LevelDB may lose or bring back silently. Each case must be noticed. */
const losses: Readonly<
  Record<string, readonly [RegExp, (database: RawDatabase) => Promise<void>]>
> = {
  'the root record': [/has no root record/, (database) => database.del(rootKey)],
  'half of the root record': [
    /root record is damaged/,
    async (database) => {
      const root = (await database.get(rootKey)) ?? assert.fail();
      await database.put(rootKey, root.subarray(0, 20));
    },
  ],
  'a record in the middle': [
    /a gap: entries 5 to 5 of 9 are missing/,
    (database) => database.del(logKey(0, 5)),
  ],
  'the first record': [
    /a gap: entries 4 to 4 of 9 are missing/,
    (database) => database.del(logKey(0, 4)),
  ],
  'the last record': [
    /ends at index 8, the root record says 9/,
    (database) => database.del(logKey(0, 9)),
  ],
  'that the last record was replaced': [
    /not the one that was written last/,
    async (database) => {
      const before = (await database.get(logKey(0, 8))) ?? assert.fail();
      const other = encodeRecord(logIndex(9), [entry(9, 1, 'noop')], checksumOf(before));
      await database.put(logKey(0, 9), other.bytes);
    },
  ],
  'that a record was deleted': [
    /a gap: entries 10 to 10/,
    (database) => database.put(logKey(0, 11), Buffer.alloc(9)),
  ],
  'the root of a later log': [
    /newer than the root record/,
    (database) => database.put(logKey(1, 3), Buffer.alloc(9)),
  ],
  'two records that changed places': [
    /claims to begin at 7/,
    async (database) => {
      const [one, other] = await database.getMany([logKey(0, 6), logKey(0, 7)]);
      await database.put(logKey(0, 6), other ?? assert.fail());
      await database.put(logKey(0, 7), one ?? assert.fail());
    },
  ],
  'that a record in the middle was replaced': [
    /at index 7 does not follow/,
    async (database) => {
      const before = (await database.get(logKey(0, 5))) ?? assert.fail();
      const other = encodeRecord(logIndex(6), [entry(6, 1, 'noop')], checksumOf(before));
      await database.put(logKey(0, 6), other.bytes);
    },
  ],
  'a chunk': [/chunk 1 of the snapshot is missing/, (database) => database.del(chunkKey(1, 1))],
  'the last chunk': [/chunk 2 .* is missing/, (database) => database.del(chunkKey(1, 2))],
  'the manifest': [/manifest is missing/, (database) => database.del(manifestKey(1))],
  'two chunks that changed places': [
    /chunk 0 of the snapshot is another chunk/,
    async (database) => {
      const [first, last] = await database.getMany([chunkKey(1, 0), chunkKey(1, 2)]);
      await database.put(chunkKey(1, 0), last ?? assert.fail());
      await database.put(chunkKey(1, 2), first ?? assert.fail());
    },
  ],
  "a chunk of another snapshot with this one's number": [
    /do not add up/,
    (database) => database.put(chunkKey(1, 2), encodeChunk(1, 2, Buffer.from('END'))),
  ],
};

describe('the start misses', () => {
  for (const [what, [message, lose]] of Object.entries(losses)) {
    it(what, async (test) => {
      const dataDir = join(await memoryDirectory(test), 'data');
      const storage = await openLevel(dataDir);
      for (let index = 1; index <= 9; index += 1) {
        await storage.write(writeOf(hardState(1, 0, somebody), entries(index, index, 1)));
      }
      await storeSnapshot(storage, metadata(4, 1));
      await storage.compact(logIndex(3));
      await storage.close();
      const intact = `${dataDir}.intact`;
      await copyDataDirectory(dataDir, intact);
      await withRawDatabase(dataDir, lose);
      await assert.rejects(openLevel(dataDir), (error) => {
        assertRefused(error, what);
        assert.match(String(error), message);
        return true;
      });
      const reopened = await openLevel(intact);
      assert.equal((await contentOf(reopened)).entries.length, 6);
      await reopened.close();
    });
  }

  it('a replacement of entries that was lost, though the log is long enough without it', async (test) => {
    const dataDir = join(await memoryDirectory(test), 'data');
    const storage = await openLevel(dataDir);
    await storage.write(writeOf(hardState(2), entries(1, 9, 1)));
    await storage.close();
    const before = `${dataDir}.before`;
    await copyDataDirectory(dataDir, before);
    const reopened = await openLevel(dataDir);
    await reopened.write(writeOf(hardState(2), entries(5, 7, 2)));
    await reopened.close();
    // Both have counted two starts, are in one term, and hold what the watermark could ask for by
    // its index.
    await (await openLevel(before)).close();
    await withRawDatabase(before, async (older) => {
      const rows = await older.iterator().all();
      await withRawDatabase(dataDir, async (newer) => {
        await newer.clear();
        await newer.batch(rows.map(([key, value]) => ({ type: 'put', key, value })));
      });
    });
    await assert.rejects(openLevel(dataDir), (error) => {
      assertRefused(error, 'a lost replacement');
      assert.match(String(error), /entry 7 is of term 1, the watermark says that it was of term 2/);
      return true;
    });
  });
});
