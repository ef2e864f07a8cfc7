import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex, term } from '../../src/ids.js';
import type { Message } from '../../src/raft/messages.js';
import { set } from '../store/commands.js';
import { LogRecorder } from '../support/log-recorder.js';
import { encodeCommand } from '../support/release-codec.js';
import { appendOf, MemberRig } from './member-rig.js';
import { otherPeer, peer, self } from './members.js';
import { announce, chunksOf, metadataOf, stalledAfter, streamOf } from './snapshot-samples.js';

const members = [self, peer, otherPeer];

const command = encodeCommand(undefined, set('/k', 'x'));

function append(after: number, last: number): Message {
  return appendOf(after, ...Array.from({ length: last - after }, () => command));
}

const campaign: Message = {
  type: 'RequestVoteRequest',
  from: otherPeer,
  to: self,
  term: term(2),
  lastLogIndex: logIndex(100),
  lastLogTerm: term(1),
  leadershipTransfer: true,
};

function told(messages: readonly Message[]): readonly string[] {
  return messages.map((message) => {
    switch (message.type) {
      case 'AppendEntriesResponse':
      case 'InstallSnapshotResponse':
        return `${message.type} ${message.matchIndex}`;
      case 'RequestVoteResponse':
        return `${message.type} ${message.voteGranted}`;
      default:
        return message.type;
    }
  });
}

test('while a snapshot arrives, entries are acknowledged and applied', async () => {
  const logger = new LogRecorder();
  const one = await MemberRig.start({ members, logger });
  const { stream, goOn } = stalledAfter(2, chunksOf(7));
  const received = one.handler.onSnapshot(announce(7), stream);
  assert.deepEqual(told(await one.step(append(0, 2))), ['AppendEntriesResponse 2']);
  assert.equal(one.appliedIndex, 2);
  goOn();
  await received;
  await one.work();
  assert.equal(one.appliedIndex, 7);
  const installed = logger.takeLines().find(({ message }) => message === 'snapshot installed');
  assert.deepEqual([installed?.fields['index'], installed?.fields['leader']], [7, peer]);
});

test('while a snapshot arrives, a vote is persisted and answered', async () => {
  const one = await MemberRig.start({ members });
  const { stream } = stalledAfter(2, chunksOf(7));
  const ended = assert.rejects(one.handler.onSnapshot(announce(7), stream), /of no use in term 2/);
  assert.deepEqual(told(await one.step(campaign)), ['RequestVoteResponse true']);
  assert.equal(one.disk.hardState.votedFor, otherPeer);
  await ended;
});

test('an installed snapshot keeps no vote and no entry waiting, however slowly the disk is read', async () => {
  const one = new MemberRig({ members });
  const openSnapshot = one.storage.openSnapshot.bind(one.storage);
  one.storage.openSnapshot = () => {
    const reader = openSnapshot();
    return reader && { ...reader, chunks: () => stalledAfter(0, []).stream };
  };
  await one.start();
  await one.handler.onSnapshot(announce(7), streamOf(chunksOf(7)));
  await one.work();
  assert.deepEqual(told(one.sent), ['InstallSnapshotResponse 7']);
  assert.deepEqual(told(await one.step(append(7, 9))), ['AppendEntriesResponse 9']);
  assert.deepEqual(told(await one.step(campaign)), ['RequestVoteResponse true']);
  assert.equal(one.appliedIndex, 9);
});

test('nothing is acknowledged or applied before the snapshot in front of it is installed', async () => {
  const one = await MemberRig.start({ members });
  one.hold('write');
  await one.handler.onSnapshot(announce(7), streamOf(chunksOf(7)));
  assert.deepEqual(told(await one.step(append(7, 9))), []);
  assert.equal(one.appliedIndex, 0);
  await one.release();
  assert.deepEqual(told(one.sent), ['InstallSnapshotResponse 7', 'AppendEntriesResponse 9']);
  assert.equal(one.appliedIndex, 9);
});

test('entries that become durable together with a snapshot are applied behind it', async () => {
  const one = await MemberRig.start({ members });
  const chunks = chunksOf(7);
  const { stream, goOn } = stalledAfter(chunks.length, chunks);
  const received = one.handler.onSnapshot(announce(7), stream);
  await one.work();
  one.hold('write');
  await one.step(append(0, 2));
  goOn();
  await received;
  await one.step(append(7, 9));
  assert.equal(one.appliedIndex, 0);
  await one.release();
  assert.equal(one.appliedIndex, 9);
});

for (const [where, held, installed] of [
  ['before the snapshot is published', 'finish', 0],
  ['between the end of the snapshot and the write that installs it', 'write', 7],
] as const) {
  test(`a crash ${where} leaves a member that starts, and takes the next snapshot`, async () => {
    const one = await MemberRig.start({ members });
    one.hold(held);
    await one.handler.onSnapshot(announce(7), streamOf(chunksOf(7)));
    await one.work();
    one.disk.crash();
    const again = await MemberRig.start({ members, disk: one.disk });
    assert.equal(again.appliedIndex, installed);
    await again.handler.onSnapshot(announce(9), streamOf(chunksOf(9)));
    await again.work();
    assert.equal(again.appliedIndex, 9);
  });
}

test('a snapshot of what is committed here makes room for the next, also while a write is in progress', async () => {
  const one = await MemberRig.start({ members });
  await one.step(append(0, 9));
  const useless = chunksOf(7);
  const { stream, goOn } = stalledAfter(useless.length, useless);
  const received = one.handler.onSnapshot(announce(7), stream);
  await one.work();
  one.hold('write');
  await one.step(append(9, 10));
  goOn();
  await received;
  let isAskedFor = false;
  async function* next(): AsyncGenerator<Uint8Array> {
    isAskedFor = true;
    yield* chunksOf(20);
  }
  const nextReceived = one.handler.onSnapshot(announce(20), next());
  await one.work();
  assert.ok(isAskedFor, 'the next one need not wait');
  assert.equal(one.storage.openSnapshot(), undefined);
  await one.release();
  await nextReceived;
  await one.work();
  assert.equal(one.appliedIndex, 20);
  assert.deepEqual(one.disk.snapshot?.metadata, metadataOf(20));
});

test('a snapshot that does not decode is refused, and the member goes on', async () => {
  const one = await MemberRig.start({ members });
  await one.step(append(0, 2));
  const malformed = streamOf([Uint8Array.of(1, 2, 3)]);
  await assert.rejects(one.handler.onSnapshot(announce(7), malformed), /up to index 7 is refused/);
  assert.equal(one.disk.snapshot, undefined);
  assert.deepEqual(told(await one.step(append(2, 3))), ['AppendEntriesResponse 3']);
});
