import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex, term } from '../../src/ids.js';
import {
  acknowledgement,
  answers,
  appendEntries,
  described,
  entriesOf,
  hardStateOf,
  heartbeat,
  heartbeatAnswer,
  installSnapshot,
  leaderWith,
  memberWith,
  snapshotOf,
} from './build.js';
import { configurationOf, id } from './peer.js';

// Reference: section 7, and figure 13.

test('a snapshot that is not ahead of what is committed is not installed', () => {
  const peer = memberWith([1, 1, 1]);
  answers(peer, heartbeat(1, 3));
  for (const index of [2, 3]) {
    const sent = answers(peer, installSnapshot(1, snapshotOf(index, 1)));
    assert.deepEqual(described(sent), ['a -> b InstallSnapshotResponse term 1 match 3']);
    assert.equal(peer.disk.snapshot, undefined);
  }
});

test('a snapshot that the log contains only moves the commit index', () => {
  const peer = memberWith([1, 1, 1, 1]);
  const sent = answers(peer, installSnapshot(1, snapshotOf(3, 1)));
  assert.deepEqual(described(sent), ['a -> b InstallSnapshotResponse term 1 match 3']);
  assert.deepEqual([peer.raft.lastIndex, peer.appliedIndex], [4, 3]);
  assert.equal(peer.disk.snapshot, undefined);
});

test('any other snapshot replaces the whole log in one write, together with the term', () => {
  const cases = [
    { log: [1, 1], why: 'the log is shorter' },
    { log: [1, 1, 1, 1, 1, 1], why: 'the log has another term there' },
  ];
  for (const { log, why } of cases) {
    const peer = memberWith(log);
    peer.slow = true;
    assert.deepEqual(answers(peer, installSnapshot(5, snapshotOf(4, 3))), [], why);
    const { raft, writeInProgress } = peer;
    assert.equal(writeInProgress?.snapshot?.lastIncludedIndex, 4, why);
    assert.deepEqual(
      [writeInProgress.hardState.currentTerm, writeInProgress.hardState.commitIndex],
      [5, 4],
    );
    assert.deepEqual([raft.firstIndex, raft.lastIndex, raft.termAt(logIndex(4))], [5, 4, 3]);
    assert.equal(raft.softState().currentTerm, 5, 'not the term of the snapshot');
    peer.finishWrite();
    assert.deepEqual(described(peer.pump()), ['a -> b InstallSnapshotResponse term 5 match 4']);
  }
});

test('whether a snapshot will be installed is known as soon as it was stepped', () => {
  const peer = memberWith([1, 1]);
  peer.slow = true;
  answers(peer, heartbeat(1, 1));
  const wanted = snapshotOf(4, 1);
  peer.raft.step(installSnapshot(1, wanted));
  assert.equal(peer.raft.snapshotToInstall, wanted);
  peer.pump();
  peer.raft.step(installSnapshot(1, snapshotOf(3, 1)));
  assert.equal(peer.raft.snapshotToInstall, undefined);
});

test('nothing is applied while a snapshot is not yet durable; then what follows it', () => {
  const peer = memberWith([1, 1]);
  peer.slow = true;
  const following = appendEntries({ term: 5, prev: [4, 3], terms: [5, 5], commit: 6 });
  answers(peer, heartbeat(5, 1), installSnapshot(5, snapshotOf(4, 3)), following);
  assert.equal(peer.appliedIndex, 1);
  while (peer.writeInProgress !== undefined) {
    peer.finishWrite();
    peer.pump();
  }
  assert.equal(peer.appliedIndex, 6);
  assert.deepEqual(
    peer.applied.map((entry) => entry.index),
    [5, 6],
  );
});

test('a snapshot brings its configuration', () => {
  const peer = memberWith([1]);
  const configuration = configurationOf(['b', 'c', 'd'], ['a']);
  answers(peer, installSnapshot(1, { ...snapshotOf(4, 1), configuration }));
  assert.deepEqual(peer.raft.configuration, configuration);
});

test('a snapshot of what was not applied, or a compaction beyond it, stops the member', () => {
  const peer = memberWith([1, 1, 1]);
  answers(peer, heartbeat(1, 2));
  assert.throws(() => peer.raft.compact(snapshotOf(3, 1), logIndex(1)));
  assert.throws(() => peer.raft.compact(snapshotOf(2, 1), logIndex(4)));
  peer.raft.compact(snapshotOf(2, 1), logIndex(3));
  assert.equal(peer.raft.firstIndex, 3);
});

test('a follower that was silent for an election timeout is sent a snapshot only when it is heard', () => {
  const leader = leaderWith([1, 1]);
  answers(leader, acknowledgement('b', 2, 3), acknowledgement('c', 2, 2));
  leader.compact(0);
  for (let tick = 0; tick < 10; tick += 1) {
    leader.raft.tick();
    answers(leader, acknowledgement('b', 2, 3));
  }
  leader.raft.reportUnreachable(id('c'));
  const announced = 'a -> c InstallSnapshotRequest term 2 snapshot 3/2';
  assert.ok(!described(leader.pump()).includes(announced));
  assert.ok(described(answers(leader, heartbeatAnswer('c', 0))).includes(announced));
});

// Reference: figure 2, and section 5.3: "applies the entries in log order".

test('committed entries come in pages, in order, each once', () => {
  const peer = memberWith([], { committedBytesMax: 40 });
  const request = appendEntries({ term: 1, prev: [0, 0], terms: [1, 1, 1, 1, 1], commit: 5 });
  peer.raft.step(request);
  const { write } = peer.raft.ready();
  peer.raft.persisted(write?.sequence ?? 0);
  const pages: number[][] = [];
  while (peer.raft.hasReady()) {
    pages.push(peer.raft.ready().committedEntries.map((entry) => entry.index));
  }
  assert.deepEqual(pages, [[1, 2], [3, 4], [5]]);
});

test('a restart goes on where the state machine is, and hands nothing out twice', () => {
  const entries = entriesOf([1, 1, 1, 1]);
  const hardState = { ...hardStateOf(1), commitIndex: logIndex(3) };
  const cases = [
    { snapshot: undefined, lastApplied: 0, applied: [1, 2, 3] },
    { snapshot: snapshotOf(2, 1), lastApplied: 2, applied: [3] },
  ];
  for (const { snapshot, lastApplied, applied } of cases) {
    const peer = memberWith([], {
      entries,
      hardState,
      snapshot,
      lastApplied: logIndex(lastApplied),
    });
    peer.pump();
    assert.deepEqual(
      peer.applied.map((entry) => entry.index),
      applied,
    );
  }
});

test('a commit index beyond the log, or an entry beyond the term, stops the start', () => {
  const lost = { ...hardStateOf(1), commitIndex: logIndex(3) };
  assert.throws(() => memberWith([1, 1], { hardState: lost }), /missing from the log/);
  assert.throws(() => memberWith([1, 3], { hardState: hardStateOf(2) }), /younger/);
});

test('a snapshot of a later term than the stored one lifts the term, not the vote', () => {
  const peer = memberWith([1], { hardState: hardStateOf(1, 'b'), snapshot: snapshotOf(4, 3) });
  assert.deepEqual([peer.raft.softState().currentTerm, peer.raft.votedFor], [term(3), undefined]);
  peer.pump();
  assert.equal(peer.disk.hardState.currentTerm, 3);
});
