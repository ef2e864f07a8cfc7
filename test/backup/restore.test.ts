import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { BackupCheck, type CheckedBackup } from '../../src/backup/backup-check.js';
import { contentsOf } from '../../src/backup/contents.js';
import { checkDirectory } from '../../src/backup/directory-check.js';
import { defaultIndexGap, type NewMember, restoreMember } from '../../src/backup/restore.js';
import { logIndex, memberId, term } from '../../src/ids.js';
import { decodeAddresses } from '../../src/records/addresses-format.js';
import { LevelStorage } from '../../src/storage/level-storage.js';
import { memoryDirectory } from '../storage/level-disk.js';
import { readAll } from '../storage/samples.js';
import { acquire, set } from '../store/commands.js';
import { entryOf, Log, memberA, memberB } from '../store/log.js';
import { rest, restored } from '../store/snapshots.js';
import { backupOf } from './samples.js';

const ids = ['a1', 'b2', 'c3'].map((half) => memberId(half.repeat(8)));
const members = ids.map((id, at) => {
  return { memberId: id, name: `n${at + 1}`, peerUrl: `http://10.0.0.${at + 1}:7001` };
});
const settingsId = '51'.repeat(8);
const highestIndex = 5000;

/** Of a cluster with a key and a lock, that went on up to index 5000 while it was written. */
function backup(): { file: Buffer; token: number } {
  const log = Log.empty();
  log.apply(set('/a', 'x', { ttlMs: 60_000 }));
  const { index: token } = entryOf(log.from(memberA, acquire('job', 'ann')).result);
  log.from(memberB, acquire('job', 'bob'));
  const { appliedIndex, appliedTerm } = log.machine;
  const from = { index: logIndex(appliedIndex), term: term(appliedTerm) };
  return { file: backupOf(rest(log.machine.snapshot()), highestIndex, from), token };
}

function checked(file: Buffer): CheckedBackup {
  const check = new BackupCheck();
  check.push(file);
  return check.finish();
}

function memberAt(dataDir: string, at: number): NewMember {
  const { memberId: id, name } = members[at] ?? assert.fail();
  return { dataDir, name, memberId: id, settingsId, members };
}

describe('a restored data directory', () => {
  it('begins a new cluster, the same for all members, behind a gap', async (test) => {
    const folder = await memoryDirectory(test);
    const { file, token } = backup();
    const restoredMembers = [];
    const hashes = [];
    for (const at of [0, 1, 2]) {
      const dataDir = join(folder, `n${at}`);
      const restoredMember = await restoreMember(checked(file), memberAt(dataDir, at), 100);
      restoredMembers.push(restoredMember);
      const member = members[at] ?? assert.fail();
      const names = { own: member.name, all: members.map(({ name }) => name) };
      const owner = { memberId: member.memberId, clusterId: restoredMember.clusterId, names };
      const storage = await LevelStorage.open({ dataDir, ...owner });
      const { start } = storage;
      assert.equal(start.identity.clusterId, restoredMembers[0]?.clusterId);
      assert.deepEqual([start.boot, start.entries], [1, []]);
      assert.deepEqual(start.hardState, {
        currentTerm: term(1),
        votedFor: undefined,
        commitIndex: logIndex(5100),
      });
      const configuration = start.snapshot?.configuration;
      assert.deepEqual([configuration?.voters, configuration?.learners], [ids, []]);
      assert.deepEqual(
        decodeAddresses(configuration?.addresses).map(({ name, peerUrls }) => [name, peerUrls[0]]),
        members.map(({ name, peerUrl }) => [name, peerUrl]),
      );
      const chunks = await readAll(storage.openSnapshot()?.chunks() ?? assert.fail());
      const state = restored(chunks, 0);
      assert.equal(state.etcdIndex, 5100);
      assert.equal(state.locks.holder('lock', 'job')?.index, token);
      assert.equal(state.locks.queueSize('lock', 'job').waiting, 0);
      hashes.push(state.stateHash());
      await storage.close();
    }
    assert.deepEqual(
      restoredMembers.map(({ index }) => index),
      [5100, 5100, 5100],
    );
    assert.equal(new Set(restoredMembers.map(({ clusterId }) => clusterId)).size, 1);
    assert.equal(new Set(hashes).size, 1);
  });

  it('is of another cluster when the backup, the members or the gap differ', async (test) => {
    const folder = await memoryDirectory(test);
    const { file } = backup();
    let made = 0;
    const idOf = async (bytes: Buffer, changes: Partial<NewMember>, gap: number) => {
      made += 1;
      const member = { ...memberAt(join(folder, `n${made}`), 0), ...changes };
      return (await restoreMember(checked(bytes), member, gap)).clusterId;
    };
    const other = Log.empty();
    other.apply(set('/b', 'y'));
    const another = backupOf(rest(other.machine.snapshot()), highestIndex, {
      index: logIndex(1),
      term: term(1),
    });
    const all = [
      await idOf(file, {}, 100),
      await idOf(file, {}, 101),
      await idOf(file, { settingsId: '52'.repeat(8) }, 100),
      await idOf(another, {}, 100),
    ];
    assert.equal(new Set(all).size, 4);
    assert.equal(await idOf(file, {}, 100), all[0]);
    assert.ok(!all.includes(settingsId));
  });

  it('passes the check, with what the backup had', async (test) => {
    const dataDir = join(await memoryDirectory(test), 'data');
    const { file } = backup();
    await restoreMember(checked(file), memberAt(dataDir, 0), defaultIndexGap);
    const { identity, boot, log, state } = await checkDirectory(dataDir);
    assert.deepEqual([identity.names?.own, boot, log], ['n1', 0, undefined]);
    const contents = contentsOf(state);
    assert.deepEqual(
      [contents.etcdIndex, contents.keys, contents.locks, contents.registeredNames],
      [highestIndex + 1e12, 1, 1, []],
    );
  });

  it('is refused where a member was, or something else is, and for no room', async (test) => {
    const dataDir = join(await memoryDirectory(test), 'data');
    const { file } = backup();
    await restoreMember(checked(file), memberAt(dataDir, 0), 100);
    await assert.rejects(
      restoreMember(checked(file), memberAt(dataDir, 0), 100),
      /is the data directory of a member already: name one that is empty or does not exist/,
    );
    const foreign = await memoryDirectory(test);
    await writeFile(join(foreign, 'letter.txt'), '');
    await assert.rejects(restoreMember(checked(file), memberAt(foreign, 0), 100), /letter\.txt/);
    assert.deepEqual(await readdir(foreign), ['letter.txt']);
    await assert.rejects(
      restoreMember(checked(file), memberAt(`${dataDir}2`, 0), Number.MAX_SAFE_INTEGER - 1e6),
      /there is no room for so many indexes/,
    );
  });

  it('belongs to the member that it was made for', async (test) => {
    const dataDir = join(await memoryDirectory(test), 'data');
    const { file } = backup();
    const { clusterId } = await restoreMember(checked(file), memberAt(dataDir, 0), 100);
    const names = { own: 'n1', all: ['n1', 'n2', 'n3'] };
    const [own = assert.fail(), other = assert.fail()] = ids;
    const as = (id: typeof own, cluster: string) =>
      LevelStorage.open({ dataDir, memberId: id, clusterId: cluster, names });
    await assert.rejects(as(other, clusterId), /belongs to another member of this cluster/);
    await assert.rejects(as(own, settingsId), /is this member's own/);
    await (await as(own, clusterId)).close();
  });
});

describe('a backup whose state is not what it says', () => {
  it('is refused', () => {
    const log = Log.empty();
    log.apply(set('/a', 'x'));
    const file = backupOf(rest(log.machine.snapshot()), 5, { index: logIndex(2), term: term(1) });
    assert.throws(() => checked(file), /its state is that of index 1 and term 1, not of index 2/);
    const garbage = backupOf([Buffer.from('garbage')], 5);
    assert.throws(() => checked(garbage), /the backup is damaged|has format/);
  });
});
