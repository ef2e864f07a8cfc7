import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memberId } from '../../src/ids.js';
import { modelClaims } from './conformance-model.js';
import { compactionClaims, snapshotClaims } from './conformance-snapshots.js';
import { entries, entry, hardState, metadata, owner, plain, somebody, writeOf } from './samples.js';
import { begin, type MakeDisk } from './session.js';

const ioFailure = { name: 'StorageError', code: 'io' };
const contradiction = { name: 'AssertionError' };

/** Every storage behaves like this. */
export function conformance(name: string, makeDisk: MakeDisk): void {
  describe(`${name}: identity and start`, () => startClaims(makeDisk));
  describe(`${name}: log`, () => logClaims(makeDisk));
  describe(`${name}: snapshots`, () => snapshotClaims(makeDisk));
  describe(`${name}: installing and compacting`, () => compactionClaims(makeDisk));
  describe(`${name}: any history`, () => modelClaims(makeDisk));
}

function startClaims(makeDisk: MakeDisk): void {
  it('a new disk holds an empty log, and no vote', async (test) => {
    const { storage } = await begin(test, makeDisk);
    assert.deepEqual(storage.start.hardState, hardState(0));
    assert.deepEqual(storage.start.entries, []);
    assert.equal(storage.start.snapshot, undefined);
    assert.equal(storage.openSnapshot(), undefined);
    assert.match(storage.start.identity.incarnation, /^[0-9a-f]{32}$/);
  });

  it('every start counts, under one incarnation', async (test) => {
    const session = await begin(test, makeDisk);
    const { identity, boot } = session.storage.start;
    assert.equal(boot, 1);
    for (const expected of [2, 3]) {
      const { start } = await session.reopen();
      assert.equal(start.boot, expected);
      assert.deepEqual(start.identity, identity);
    }
  });

  it('two disks have different incarnations', async (test) => {
    const one = await begin(test, makeDisk);
    const other = await begin(test, makeDisk);
    assert.notEqual(
      one.storage.start.identity.incarnation,
      other.storage.start.identity.incarnation,
    );
  });

  it('a disk of another member or cluster is refused, and both are named', async (test) => {
    const disk = await makeDisk();
    test.after(() => disk.dispose());
    await (await disk.open(owner)).close();
    const stranger = memberId('d4'.repeat(8));
    const all = ['n1', 'n2', 'n4'];
    for (const [as, both] of [
      [{ ...owner, memberId: stranger, names: { own: 'n4', all } }, /n1; this is n4/],
      [
        { ...owner, clusterId: 'd4'.repeat(8), names: { own: 'n1', all } },
        /n3 then, n1, n2, n4 now/,
      ],
      [{ ...owner, memberId: stranger, names: undefined }, /n1; this is d4d4d4d4d4d4d4d4/],
      [
        { ...owner, clusterId: 'd4'.repeat(8), names: undefined },
        /n3 then, cluster d4d4d4d4\w+ now/,
      ],
    ] as const) {
      await assert.rejects(disk.open(as), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'identity');
        assert.match(error.message, both);
        return true;
      });
    }
    const storage = await disk.open(owner);
    assert.equal(storage.start.boot, 2, 'a refused start does not count');
    await storage.close();
  });

  it('a disk has one user at a time', async (test) => {
    const disk = await makeDisk();
    test.after(() => disk.dispose());
    const first = await disk.open(owner);
    await assert.rejects(disk.open(owner), { name: 'StorageError', code: 'inUse' });
    await first.write(writeOf(hardState(1), entries(1, 2, 1)));
    await first.close();
    const second = await disk.open(owner);
    assert.equal(second.start.entries.length, 2);
    await second.close();
  });

  it('close waits for the write in progress, may be called twice, and ends everything', async (test) => {
    const session = await begin(test, makeDisk);
    const { storage } = session;
    const written = storage.write(writeOf(hardState(1), entries(1, 3, 1)));
    await Promise.all([storage.close(), storage.close(), written]);
    await assert.rejects(storage.write(writeOf(hardState(2))), ioFailure);
    await assert.rejects(storage.createSnapshot(metadata(1, 1)).append(Buffer.alloc(1)), ioFailure);
    assert.throws(() => storage.openSnapshot(), ioFailure);
    assert.equal((await session.reopen()).start.entries.length, 3);
  });
}

function logClaims(makeDisk: MakeDisk): void {
  it('entries and hard state of every kind come back as they were', async (test) => {
    const session = await begin(test, makeDisk);
    const large = { ...entry(4, 2), data: Buffer.alloc(300_000, 'x') };
    const log = [entry(1, 1, 'noop'), entry(2, 1), entry(3, 2, 'configuration'), large];
    await session.storage.write(writeOf(hardState(1, 0, somebody), log.slice(0, 2)));
    await session.storage.write(writeOf(hardState(2, 1), log.slice(2)));
    const { start } = await session.reopen();
    assert.deepEqual(plain(start.entries), plain(log));
    assert.deepEqual(start.hardState, hardState(2, 1));
  });

  it('a vote is kept for its term', async (test) => {
    const session = await begin(test, makeDisk);
    await session.storage.write(writeOf(hardState(5)));
    await session.storage.write(writeOf(hardState(5, 0, somebody)));
    assert.deepEqual((await session.reopen()).start.hardState, hardState(5, 0, somebody));
  });

  for (const [claim, from] of [
    ['at the edge of a write', 5],
    ['within a write', 6],
    ['within a write, over later ones', 3],
    ['from the very beginning', 1],
    ['within the last write', 10],
  ] as const) {
    it(`a write replaces the log from its first entry on: ${claim}`, async (test) => {
      const session = await begin(test, makeDisk);
      for (const [first, last] of [
        [1, 4],
        [5, 8],
        [9, 10],
      ] as const) {
        await session.storage.write(writeOf(hardState(1), entries(first, last, 1)));
      }
      await session.storage.write(writeOf(hardState(2), entries(from, from, 2)));
      const expected = [...entries(1, from - 1, 1), ...entries(from, from, 2)];
      assert.deepEqual(plain((await session.reopen()).start.entries), plain(expected));
      await session.storage.write(writeOf(hardState(2), entries(from + 1, from + 3, 2)));
      expected.push(...entries(from + 1, from + 3, 2));
      assert.deepEqual(plain((await session.reopen()).start.entries), plain(expected));
    });
  }

  it('the log is replaced several times at one place', async (test) => {
    const session = await begin(test, makeDisk);
    await session.storage.write(writeOf(hardState(1), entries(1, 10, 1)));
    for (const inTerm of [2, 3, 4]) {
      await session.storage.write(writeOf(hardState(inTerm), entries(6, 12, inTerm)));
      await session.storage.write(writeOf(hardState(inTerm), entries(13, 14, inTerm)));
    }
    const expected = [...entries(1, 5, 1), ...entries(6, 14, 4)];
    assert.deepEqual(plain((await session.reopen()).start.entries), plain(expected));
  });

  it('a write that contradicts the log is refused and changes nothing', async (test) => {
    const session = await begin(test, makeDisk);
    const { storage } = session;
    await storage.write(writeOf(hardState(3, 2, somebody), entries(1, 4, 3)));
    const refused = {
      'a gap': writeOf(hardState(3, 2, somebody), entries(6, 7, 3)),
      'a gap within': writeOf(hardState(3, 2, somebody), [entry(5, 3), entry(7, 3)]),
      'a committed entry': writeOf(hardState(3, 2, somebody), entries(2, 3, 3)),
      'an older term': writeOf(hardState(2, 2)),
      'a second vote': writeOf(hardState(3, 2, owner.memberId)),
      'a vote withdrawn': writeOf(hardState(3, 2)),
      'an entry of the future': writeOf(hardState(3, 2, somebody), entries(5, 5, 4)),
      'terms that fall': writeOf(hardState(4, 2), [entry(5, 4), entry(6, 3)]),
      'a commit beyond the log': writeOf(hardState(3, 5, somebody)),
      'an unknown snapshot': writeOf(hardState(3, 2, somebody), [], metadata(9, 3)),
    };
    for (const [what, write] of Object.entries(refused)) {
      await assert.rejects(storage.write(write), contradiction, what);
    }
    const { start } = await session.reopen();
    assert.deepEqual(plain(start.entries), plain(entries(1, 4, 3)));
    assert.deepEqual(start.hardState, hardState(3, 2, somebody));
  });
}
