import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex, memberId, term } from '../../src/ids.js';
import { Snapshots } from '../../src/member/snapshots.js';
import type { SnapshotMetadata } from '../../src/raft/entry.js';
import type { InstallSnapshotRequest } from '../../src/raft/messages.js';
import { MemoryDisk } from '../../src/storage/memory-disk.js';
import { completeAtOnce } from '../../src/storage/memory-queue.js';
import { MemoryStorage } from '../../src/storage/memory-storage.js';
import { StateMachine } from '../../src/store/state-machine.js';
import { settle } from '../support/settle.js';

const self = memberId('1'.repeat(16));
const peer = memberId('2'.repeat(16));

function metadata(index: number): SnapshotMetadata {
  return {
    lastIncludedIndex: logIndex(index),
    lastIncludedTerm: term(1),
    configuration: { voters: [self, peer], learners: [] },
  };
}

function announce(index: number): InstallSnapshotRequest {
  return {
    type: 'InstallSnapshotRequest',
    from: peer,
    to: self,
    term: term(1),
    snapshot: metadata(index),
  };
}

async function* oneChunk() {
  yield Uint8Array.of(1);
}

function setUp({ linkBreaks = false, disk = new MemoryDisk(() => 0.5) } = {}) {
  const storage = MemoryStorage.open({
    disk,
    clusterId: 'c'.repeat(16),
    memberId: self,
    schedule: completeAtOnce,
  });
  const taken: number[] = [];
  const received: number[] = [];
  const failed: Error[] = [];
  const delivered: boolean[] = [];
  const unused = () => assert.fail('no part of this test');
  const snapshots = new Snapshots(
    storage,
    {
      start: unused,
      send: unused,
      forward: unused,
      respond: unused,
      sendSnapshot: async (_request, chunks) => {
        for await (const chunk of chunks) assert.ok(chunk.length > 0);
        return linkBreaks ? assert.fail('the connection broke') : undefined;
      },
      close: unused,
    },
    new StateMachine(),
    { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    {
      taken: ({ lastIncludedIndex }) => taken.push(lastIncludedIndex),
      delivered: (_request, success) => delivered.push(success),
      received: (request) => received.push(request.snapshot.lastIncludedIndex),
      failed: (error) => failed.push(error),
    },
  );
  return { disk, storage, snapshots, taken, received, failed, delivered };
}

test('what is offered for installation is the newest snapshot in storage', async () => {
  const { snapshots, received } = setUp();
  await snapshots.receive(announce(240), oneChunk());
  snapshots.settleReceived();
  await snapshots.receive(announce(235), oneChunk());
  assert.deepEqual(received, [240, 240]);
});

test('another snapshot is received only when the one before is settled', async () => {
  const { snapshots, received } = setUp();
  await snapshots.receive(announce(235), oneChunk());
  await assert.rejects(snapshots.receive(announce(240), oneChunk()), /another snapshot/);
  snapshots.settleReceived();
  await snapshots.receive(announce(240), oneChunk());
  assert.deepEqual(received, [235, 240]);
});

test('a disk that fails under a snapshot ends the member, a broken stream does not', async () => {
  const { disk, snapshots, failed } = setUp();
  const broken = (async function* () {
    yield Uint8Array.of(1);
    throw new Error('the connection broke');
  })();
  await assert.rejects(snapshots.receive(announce(235), broken), /the connection broke/);
  assert.equal(failed.length, 0);
  disk.failNextWrite();
  await assert.rejects(snapshots.receive(announce(235), oneChunk()), /injected/);
  assert.equal(failed.length, 1);
});

test('a disk that fails at the end of a snapshot ends the member', async () => {
  const { disk, snapshots, failed } = setUp();
  disk.failNextWrite();
  const nothing = (async function* (): AsyncGenerator<Uint8Array> {})();
  await assert.rejects(snapshots.receive(announce(235), nothing), /injected/);
  assert.equal(failed.length, 1);
});

test('a snapshot that cannot be read while it is sent ends the member, a broken connection does not', async () => {
  const damaged = setUp();
  damaged.storage.openSnapshot = () => ({
    metadata: metadata(240),
    chunks: async function* () {
      yield Uint8Array.of(1);
      throw new Error('the record is damaged');
    },
  });
  damaged.snapshots.send(announce(240));
  await settle();
  assert.match(String(damaged.failed[0]), /the record is damaged/);
  assert.deepEqual(damaged.delivered, [false]);

  const cut = setUp({ linkBreaks: true });
  await cut.snapshots.receive(announce(240), oneChunk());
  cut.snapshots.send(announce(240));
  await settle();
  assert.deepEqual(cut.delivered, [false]);
  assert.equal(cut.failed.length, 0);
});

test('the size of the newest snapshot is known, also after a restart', async () => {
  const { disk, storage, snapshots, taken } = setUp();
  assert.equal(snapshots.newestBytes, 0);
  snapshots.take(metadata(1));
  await settle();
  assert.deepEqual(taken, [1]);
  let bytes = 0;
  for await (const chunk of storage.openSnapshot()?.chunks() ?? []) bytes += chunk.length;
  assert.ok(bytes > 0);
  assert.equal(snapshots.newestBytes, bytes);

  disk.crash();
  const restarted = setUp({ disk }).snapshots;
  await restarted.restore(() => 0);
  assert.equal(restarted.newestBytes, bytes);
});
