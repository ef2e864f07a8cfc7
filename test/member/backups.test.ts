import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex, term } from '../../src/ids.js';
import type { StateMachine } from '../../src/store/state-machine.js';
import { readBackup } from '../backup/samples.js';
import { set } from '../store/commands.js';
import { restored } from '../store/snapshots.js';
import { settle } from '../support/settle.js';
import { MemberRig } from './member-rig.js';
import { PartsRig } from './parts-rig.js';
import { announce, chunksOf, streamOf } from './snapshot-samples.js';

async function writeTo(rig: MemberRig, key: string, value: string): Promise<void> {
  const written = rig.member.propose(set(key, value), 10_000);
  await rig.follow();
  await written;
}

async function bytesOf(rig: MemberRig, file: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const whole = wholeOf(file);
  await rig.work();
  return await whole;
}

async function wholeOf(file: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of file) parts.push(part);
  return Buffer.concat(parts);
}

/** Of the cluster's leader, which the peer follows. */
async function begin(rig: MemberRig, takenAt = 5): Promise<AsyncGenerator<Uint8Array>> {
  const begun = rig.member.backup(takenAt, 10_000);
  await rig.follow();
  return await begun;
}

function stateIn(file: Buffer): StateMachine {
  return restored(readBackup(file).chunks, 0);
}

function valueAt(state: StateMachine, key: string): string | undefined {
  const found = state.keys.get(key, { recursive: false, sorted: false, hidden: false });
  return found.ok ? found.value.node.value : undefined;
}

test('a backup has all that was acknowledged before it began, and says where it comes from', async () => {
  const rig = await MemberRig.start();
  await rig.lead();
  await writeTo(rig, '/a', '1');
  const file = await begin(rig, 1234);
  await writeTo(rig, '/a', '2');
  const bytes = await bytesOf(rig, file);
  const { head, end } = readBackup(bytes);
  const { clusterId, memberId, name } = rig.member.status();
  assert.deepEqual([head.clusterId, head.memberId, head.memberName], [clusterId, memberId, name]);
  assert.deepEqual([head.takenAt, head.term], [1234, rig.currentTerm]);
  assert.equal(head.index, rig.appliedIndex - 1);
  assert.equal(end.highestIndex, rig.appliedIndex, 'what the cluster has done meanwhile counts');
  assert.equal(valueAt(stateIn(bytes), '/a'), '1');
  await rig.close();
});

test('a follower asks for a read index first, and waits until it has applied that', async () => {
  const rig = await MemberRig.start();
  await rig.followPeer(1);
  let isBegun = false;
  const begun = rig.member.backup(5, 10_000);
  begun.then(
    () => {
      isBegun = true;
    },
    () => {},
  );
  await rig.work();
  const asked = rig.forwarded.find(({ type }) => type === 'readIndex');
  assert.ok(asked !== undefined);
  await rig.passTogether(500);
  assert.equal(isBegun, false);
  void begun.catch(() => {});
  await rig.close();
});

test('a backup of what the newest snapshot has takes no other one', async () => {
  const rig = await MemberRig.start();
  await rig.lead();
  await writeTo(rig, '/a', '1');
  const [one, two] = [await begin(rig), await begin(rig)];
  assert.equal(rig.member.measurements().snapshots.taken, 1);
  const [first, second] = [await bytesOf(rig, one), await bytesOf(rig, two)];
  assert.deepEqual(first, second);
  await writeTo(rig, '/a', '2');
  const third = await bytesOf(rig, await begin(rig));
  assert.equal(rig.member.measurements().snapshots.taken, 2);
  assert.equal(valueAt(stateIn(third), '/a'), '2');
  await rig.close();
});

test('a snapshot that began before the call is waited for, and another one taken', async () => {
  const rig = PartsRig.leader();
  const early = rig.parts.backups.begin(5);
  rig.write(set('/a', '1'));
  const late = rig.parts.backups.begin(5);
  const [first, second] = [await wholeOf(early), await wholeOf(late)];
  assert.deepEqual(rig.taken, [1, 2]);
  assert.equal(valueAt(stateIn(first), '/a'), undefined);
  assert.equal(valueAt(stateIn(second), '/a'), '1');
});

test('the log is compacted up to each snapshot, though the next one has begun for a backup', async () => {
  const rig = PartsRig.leader({ trailingEntries: 0 });
  const { applier, backups, raft } = rig.parts;
  const early = backups.begin(5);
  rig.write(set('/a', '1'));
  const late = backups.begin(5);
  await Promise.all([wholeOf(early), wholeOf(late)]);
  assert.deepEqual(rig.taken, [1, 2]);
  // The core hears of both in later turns.
  const metadata = rig.taken.map((index) => raft.snapshotMetadataAt(logIndex(index)));
  for (const each of metadata) {
    await applier.compact(each);
    assert.equal(raft.firstIndex, each.lastIncludedIndex + 1);
  }
});

test('a backup that is read slowly stays as it was, while newer snapshots are taken', async () => {
  const rig = await MemberRig.start();
  await rig.lead();
  await writeTo(rig, '/a', '1');
  const slow = await begin(rig);
  const beginning = await slow.next();
  await writeTo(rig, '/a', '2');
  await bytesOf(rig, await begin(rig));
  const rest = await bytesOf(rig, slow);
  const whole = Buffer.concat([beginning.value ?? Buffer.alloc(0), rest]);
  assert.equal(valueAt(stateIn(whole), '/a'), '1');
  await rig.close();
});

test('a member that nobody leads takes no backup', async () => {
  const rig = await MemberRig.start();
  await assert.rejects(
    Promise.all([rig.member.backup(5, 100), rig.pass(200)]),
    /no leader confirmed the read in time/,
  );
  await rig.close();
});

test('a member that stops ends the wait for a snapshot', async () => {
  const rig = PartsRig.leader();
  const begun = rig.parts.backups.begin(5);
  rig.parts.snapshots.close();
  await assert.rejects(wholeOf(begun), /the member stops/);
});

test('a backup fails with the disk that its snapshot is written to', async () => {
  const rig = PartsRig.leader();
  rig.mayFail = true;
  const broken = () => Promise.reject(new Error('the disk is gone'));
  rig.storage.createSnapshot = () => ({ append: broken, finish: broken, abort: broken });
  const [one, two] = [rig.parts.backups.begin(5), rig.parts.backups.begin(5)];
  await assert.rejects(wholeOf(one), /the disk is gone/);
  await assert.rejects(wholeOf(two), /the disk is gone/);
  // Nobody could take another one, and nothing goes round for ever.
  await assert.rejects(wholeOf(rig.parts.backups.begin(5)), /the disk is gone/);
});

test('a backup ends the member when its snapshot cannot be read, as whatever reads one does', async () => {
  const rig = PartsRig.leader();
  await wholeOf(rig.parts.backups.begin(5));
  const openSnapshot = rig.storage.openSnapshot.bind(rig.storage);
  rig.storage.openSnapshot = () => {
    const reader = openSnapshot();
    return reader && { ...reader, metadata: reader.metadata, chunks: damaged };
  };
  rig.mayFail = true;
  await assert.rejects(wholeOf(rig.parts.backups.begin(5)), /damaged/);
  assert.match(String(rig.failures), /damaged/);
});

async function* damaged(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(1);
  throw new Error('a chunk is damaged');
}

test('a backup waits while a received snapshot takes the place of the log and then of the state', async () => {
  const rig = PartsRig.leader();
  const { raft, snapshots, backups } = rig.parts;
  const request = { ...announce(7), term: term(2) };
  await snapshots.receive(request, streamOf(chunksOf(7)));
  assert.deepEqual(rig.received, [request]);
  raft.step(request);
  const begun = wholeOf(backups.begin(5));
  await settle();
  assert.deepEqual(rig.taken, []);
  await snapshots.publish(request.snapshot);
  snapshots.install();
  assert.equal(readBackup(await begun).head.index, 7);
});
