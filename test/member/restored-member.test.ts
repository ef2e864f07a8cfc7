import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackupCheck } from '../../src/backup/backup-check.js';
import { logIndex } from '../../src/ids.js';
import { acquire, set } from '../store/commands.js';
import { entryOf, eventOf } from '../store/log.js';
import { rest } from '../store/snapshots.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { MemberRig } from './member-rig.js';
import { peer, self } from './members.js';

const ttlMs = 2000;
const index = logIndex(1_000_000);

async function ask(rig: MemberRig, command: Parameters<MemberRig['member']['propose']>[0]) {
  const applied = rig.member.propose(command, 10_000);
  await rig.follow();
  return (await applied).result;
}

async function backupOf(rig: MemberRig): Promise<Buffer> {
  const begun = rig.member.backup(0, 10_000);
  await rig.follow();
  const parts: Uint8Array[] = [];
  for await (const part of await begun) parts.push(part);
  return Buffer.concat(parts);
}

/** The disk of a member of the new cluster, as `restoreMember` makes it. */
function restoredDisk(file: Buffer): MemoryDisk {
  const check = new BackupCheck();
  check.push(file);
  const { state, head } = check.finish();
  state.beginNewCluster(index);
  const disk = new MemoryDisk(() => 0.9);
  const configuration = { voters: [self, peer], learners: [] };
  const metadata = { lastIncludedIndex: index, lastIncludedTerm: head.term, configuration };
  disk.snapshot = { metadata, chunks: rest(state.snapshot()) };
  disk.hardState = { currentTerm: head.term, votedFor: undefined, commitIndex: index };
  disk.lastIndex = index;
  return disk;
}

function hasKey(rig: MemberRig): boolean {
  return rig.member.state.keys.get('/a', { recursive: false, sorted: false, hidden: false }).ok;
}

test('a member of a new cluster leads it from where the backup and the gap end, and begins all TTLs anew', async () => {
  const old = await MemberRig.start();
  await old.lead();
  await ask(old, set('/a', 'x', { ttlMs }));
  const { index: token } = entryOf(await ask(old, acquire('job', 'ann', { ttlMs })));
  await old.passTogether(ttlMs - 500);
  const file = await backupOf(old);
  await old.close();

  const rig = await new MemberRig({ disk: restoredDisk(file) }).start();
  assert.equal(rig.appliedIndex, index);
  await rig.pass(2 * ttlMs);
  assert.equal(hasKey(rig), true, 'nothing expires while nobody leads');
  await rig.lead();
  const written = eventOf(await ask(rig, set('/b', 'y')));
  assert.equal(written.node.modifiedIndex, index + 1);
  await rig.passTogether(ttlMs - 500);
  assert.equal(hasKey(rig), true, 'its TTL began with the new leader');
  assert.equal(rig.member.state.locks.holder('lock', 'job')?.index, token);
  await rig.passTogether(1000);
  assert.equal(hasKey(rig), false);
  assert.equal(rig.member.state.locks.holder('lock', 'job'), undefined);
  assert.ok(entryOf(await ask(rig, acquire('job', 'bob'))).index > index);
  const again = await backupOf(rig);
  const check = new BackupCheck();
  check.push(again);
  assert.ok(check.finish().end.highestIndex > index, 'it can be backed up itself');
  await rig.close();
});
