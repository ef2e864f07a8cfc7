import assert from 'node:assert/strict';
import { it } from 'node:test';
import { logIndex } from '../../src/ids.js';
import { snapshotChunkBytesMax } from '../../src/storage/storage.js';
import {
  chunksOf,
  entries,
  hardState,
  metadata,
  plain,
  readAll,
  somebody,
  storeSnapshot,
  writeOf,
} from './samples.js';
import { begin, type MakeDisk } from './session.js';

const contradiction = { name: 'AssertionError' };

export function snapshotClaims(makeDisk: MakeDisk): void {
  it('a finished snapshot comes back, with its members', async (test) => {
    const session = await begin(test, makeDisk);
    await session.storage.write(writeOf(hardState(1), entries(1, 5, 1)));
    await storeSnapshot(session.storage, metadata(3, 1));
    for (const isReopened of [false, true]) {
      if (isReopened) await session.reopen();
      const reader = session.storage.openSnapshot() ?? assert.fail();
      assert.deepEqual(reader.metadata, metadata(3, 1));
      assert.deepEqual(await readAll(reader.chunks()), chunksOf(metadata(3, 1)));
    }
    assert.deepEqual(session.storage.start.snapshot, metadata(3, 1));
    assert.equal(session.storage.start.entries.length, 5, 'the log stays until it is compacted');
  });

  it('a chunk is taken as it is at the call, and has a limit', async (test) => {
    const { storage } = await begin(test, makeDisk);
    await storage.write(writeOf(hardState(1), entries(1, 1, 1)));
    const writer = storage.createSnapshot(metadata(1, 1));
    const bytes = Buffer.alloc(snapshotChunkBytesMax, 'a');
    const appended = writer.append(bytes);
    bytes.fill('b');
    await appended;
    await assert.rejects(writer.append(Buffer.alloc(snapshotChunkBytesMax + 1)), contradiction);
    await writer.finish();
    const chunks = await readAll(storage.openSnapshot()?.chunks() ?? assert.fail());
    assert.equal(chunks.length, 1);
    assert.ok(chunks[0]?.equals(Buffer.alloc(snapshotChunkBytesMax, 'a')));
  });

  it('a snapshot without an end is nothing', async (test) => {
    const session = await begin(test, makeDisk);
    await session.storage.write(writeOf(hardState(1), entries(1, 5, 1)));
    await storeSnapshot(session.storage, metadata(2, 1));
    await session.storage.createSnapshot(metadata(4, 1)).append(Buffer.from('half'));
    assert.deepEqual(session.storage.openSnapshot()?.metadata, metadata(2, 1));
    assert.deepEqual((await session.reopen()).start.snapshot, metadata(2, 1));
  });

  it('abort forgets, may be called twice, and is harmless after the end', async (test) => {
    const session = await begin(test, makeDisk);
    await session.storage.write(writeOf(hardState(1), entries(1, 5, 1)));
    const given = session.storage.createSnapshot(metadata(4, 1));
    await given.append(Buffer.from('half'));
    await given.abort();
    await given.abort();
    await assert.rejects(given.append(Buffer.from('more')), contradiction);
    await assert.rejects(given.finish(), contradiction);
    const kept = session.storage.createSnapshot(metadata(3, 1));
    await kept.append(Buffer.from('whole'));
    await kept.finish();
    await kept.abort();
    const reader = (await session.reopen()).openSnapshot();
    assert.deepEqual(reader?.metadata, metadata(3, 1));
    assert.deepEqual(await readAll(reader?.chunks() ?? assert.fail()), [Buffer.from('whole')]);
  });

  it('two are written at once, and the newest is the newest whichever ends first', async (test) => {
    const session = await begin(test, makeDisk);
    await session.storage.write(writeOf(hardState(1), entries(1, 5, 1)));
    const older = session.storage.createSnapshot(metadata(3, 1));
    const newer = session.storage.createSnapshot(metadata(5, 1));
    await Promise.all([older.append(Buffer.from('3')), newer.append(Buffer.from('5'))]);
    await newer.finish();
    await older.finish();
    for (const isReopened of [false, true]) {
      if (isReopened) await session.reopen();
      const reader = session.storage.openSnapshot() ?? assert.fail();
      assert.deepEqual(reader.metadata, metadata(5, 1));
      assert.deepEqual(await readAll(reader.chunks()), [Buffer.from('5')]);
    }
  });

  it('a reader goes on while newer snapshots replace what it reads', async (test) => {
    const { storage } = await begin(test, makeDisk);
    await storage.write(writeOf(hardState(1), entries(1, 5, 1)));
    await storeSnapshot(storage, metadata(1, 1));
    const unread = storage.openSnapshot() ?? assert.fail();
    const begun = (storage.openSnapshot() ?? assert.fail()).chunks()[Symbol.asyncIterator]();
    await begun.next();
    await storeSnapshot(storage, metadata(2, 1));
    await storeSnapshot(storage, metadata(3, 1));
    for (const chunk of chunksOf(metadata(1, 1)).slice(1)) {
      const { value } = await begun.next();
      assert.ok(chunk.equals(value ?? assert.fail()));
    }
    assert.equal((await begun.next()).done, true);
    assert.deepEqual(await readAll(unread.chunks()), chunksOf(metadata(1, 1)));
  });
}

export function compactionClaims(makeDisk: MakeDisk): void {
  it('installing a snapshot replaces the whole log, in one step with what follows', async (test) => {
    const session = await begin(test, makeDisk);
    await session.storage.write(writeOf(hardState(1), entries(1, 9, 1)));
    await storeSnapshot(session.storage, metadata(6, 3));
    await session.storage.write(writeOf(hardState(4, 6), entries(7, 8, 4), metadata(6, 3)));
    const { start } = await session.reopen();
    assert.deepEqual(plain(start.entries), plain(entries(7, 8, 4)));
    assert.deepEqual(start.snapshot, metadata(6, 3));
    assert.deepEqual(start.hardState, hardState(4, 6));
    await session.storage.write(writeOf(hardState(4, 6), entries(9, 9, 4)));
    assert.equal((await session.reopen()).start.entries.length, 3);
  });

  it('a snapshot far beyond the log is installed, and the log goes on behind it', async (test) => {
    const session = await begin(test, makeDisk);
    await session.storage.write(writeOf(hardState(1), entries(1, 2, 1)));
    await storeSnapshot(session.storage, metadata(50, 3));
    await session.storage.write(writeOf(hardState(3, 50), [], metadata(50, 3)));
    assert.deepEqual((await session.reopen()).start.entries, []);
    await session.storage.write(writeOf(hardState(3, 51), entries(51, 52, 3)));
    const { start } = await session.reopen();
    assert.deepEqual(plain(start.entries), plain(entries(51, 52, 3)));
  });

  it('a snapshot that ended before it could be installed is installed at the start', async (test) => {
    for (const [claim, log, of, left] of [
      ['the log ends before it', entries(1, 2, 1), metadata(5, 2), []],
      ['the log contradicts it', entries(1, 9, 1), metadata(5, 2), []],
      ['the log holds it', entries(1, 9, 1), metadata(5, 1), entries(1, 9, 1)],
    ] as const) {
      const session = await begin(test, makeDisk);
      await session.storage.write(writeOf(hardState(1, 1, somebody), log));
      await storeSnapshot(session.storage, of);
      const inTerm = of.lastIncludedTerm;
      for (const boot of [2, 3]) {
        const { start } = await session.reopen();
        assert.equal(start.boot, boot);
        assert.deepEqual(plain(start.entries), plain(left), claim);
        const vote = inTerm === 1 ? somebody : undefined;
        assert.deepEqual(start.hardState, hardState(inTerm, 5, vote), claim);
      }
      const next = left.length === 0 ? 6 : 10;
      await session.storage.write(writeOf(hardState(7, 5), entries(next, next, 7)));
      const { start } = await session.reopen();
      assert.deepEqual(plain(start.entries), plain([...left, ...entries(next, next, 7)]), claim);
    }
  });

  it('the log goes on while a received snapshot waits to be installed', async (test) => {
    const session = await begin(test, makeDisk);
    await session.storage.write(writeOf(hardState(1), entries(1, 4, 1)));
    await storeSnapshot(session.storage, metadata(20, 1));
    await session.storage.write(writeOf(hardState(2), entries(3, 5, 2)));
    await session.storage.compact(logIndex(20));
    await session.storage.write(writeOf(hardState(2), entries(6, 6, 2)));
    await session.storage.write(writeOf(hardState(2, 20), entries(21, 21, 2), metadata(20, 1)));
    assert.deepEqual(plain((await session.reopen()).start.entries), plain(entries(21, 21, 2)));
  });

  it('compaction forgets what a snapshot covers, and nothing else', async (test) => {
    const session = await begin(test, makeDisk);
    for (const first of [1, 4, 7, 10]) {
      await session.storage.write(writeOf(hardState(1), entries(first, first + 2, 1)));
    }
    await storeSnapshot(session.storage, metadata(8, 1));
    for (const upTo of [5, 0, 8, 8]) {
      await session.storage.compact(logIndex(upTo));
      const { start } = await session.reopen();
      const first = start.entries[0]?.index ?? assert.fail();
      assert.ok(first <= Math.max(6, upTo + 1), `entry ${first} is the first`);
      assert.deepEqual(plain(start.entries), plain(entries(first, 12, 1)));
    }
    assert.ok((session.storage.start.entries[0]?.index ?? 0) >= 7, 'a whole write fell away');
    await assert.rejects(session.storage.compact(logIndex(9)), contradiction);
  });

  it('an emptied log goes on where it ended', async (test) => {
    const session = await begin(test, makeDisk);
    await session.storage.write(writeOf(hardState(1), entries(1, 6, 1)));
    await storeSnapshot(session.storage, metadata(6, 1));
    await session.storage.compact(logIndex(6));
    assert.deepEqual((await session.reopen()).start.entries, []);
    await session.storage.write(writeOf(hardState(1, 6), entries(7, 7, 1)));
    await session.storage.write(writeOf(hardState(2, 6), entries(7, 8, 2)));
    assert.deepEqual(plain((await session.reopen()).start.entries), plain(entries(7, 8, 2)));
  });

  it('writes, chunks and compaction go on beside each other', async (test) => {
    const session = await begin(test, makeDisk);
    const { storage } = session;
    for (let first = 1; first <= 300; first += 1) {
      await storage.write(writeOf(hardState(1), entries(first, first, 1)));
    }
    await storeSnapshot(storage, metadata(250, 1));
    const compacted = storage.compact(logIndex(240));
    const snapshot = storeSnapshot(storage, metadata(280, 1));
    for (let first = 301; first <= 320; first += 1) {
      await storage.write(writeOf(hardState(1), entries(first, first, 1)));
    }
    await Promise.all([compacted, snapshot]);
    const { start } = await session.reopen();
    assert.deepEqual(plain(start.entries), plain(entries(241, 320, 1)));
    assert.deepEqual(start.snapshot, metadata(280, 1));
  });
}
