import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex } from '../../src/ids.js';
import {
  acknowledgement,
  answers,
  appendEntries,
  campaign,
  commitNotice,
  described,
  heartbeat,
  leaderWith,
  memberWith,
  timeoutNow,
  voteRequest,
  voteResponse,
} from './build.js';
import { configurationOf, id, type Peer } from './peer.js';

/** Its disk ends a write only when it is told to. */
function slowMember(terms: readonly number[], voters: readonly string[]): Peer {
  const peer = memberWith(terms, { configuration: configurationOf(voters, []) });
  peer.slow = true;
  return peer;
}

function finish(peer: Peer): readonly string[] {
  peer.finishWrite();
  return described(peer.pump());
}

function tick(peer: Peer, count: number): void {
  for (let done = 0; done < count; done += 1) peer.raft.tick();
}

const abc = ['a', 'b', 'c'];

// Reference: Raft, figure 2: "updated on stable storage before responding to RPCs".

test('a vote leaves only when it is durable, in one write with its term', () => {
  const peer = slowMember([1], abc);
  assert.deepEqual(answers(peer, voteRequest({ from: 'b', term: 2, last: [1, 1] })), []);
  const { hardState } = peer.writeInProgress ?? {};
  assert.deepEqual([hardState?.currentTerm, hardState?.votedFor], [2, id('b')]);
  assert.deepEqual(finish(peer), ['a -> b RequestVoteResponse term 2 granted']);
});

test('a refusal under a new term leaves only when the term is durable', () => {
  const peer = slowMember([1], abc);
  assert.deepEqual(answers(peer, voteRequest({ from: 'b', term: 2, last: [0, 0] })), []);
  assert.deepEqual(finish(peer), ['a -> b RequestVoteResponse term 2 refused']);
});

test('an acknowledgement leaves only when the entries are durable', () => {
  const peer = slowMember([1], abc);
  const sent = answers(
    peer,
    appendEntries({ term: 1, prev: [1, 1], terms: [1], commit: 0 }),
    appendEntries({ term: 1, prev: [2, 1], terms: [1], commit: 0 }),
    appendEntries({ term: 1, prev: [0, 0], terms: [1], commit: 0 }),
  );
  assert.deepEqual(described(sent), ['a -> b AppendEntriesResponse term 1 match 1']);
  assert.deepEqual(finish(peer), ['a -> b AppendEntriesResponse term 1 match 2']);
  assert.deepEqual(finish(peer), ['a -> b AppendEntriesResponse term 1 match 3']);
});

test('entries that a new leader truncated are not acknowledged to the old one', () => {
  const peer = slowMember([1], abc);
  const oldLeader = appendEntries({ term: 1, prev: [1, 1], terms: [1, 1, 1], commit: 0 });
  const newLeader = appendEntries({ term: 2, prev: [1, 1], terms: [2], commit: 0, from: 'c' });
  assert.deepEqual(answers(peer, oldLeader, newLeader), []);
  assert.deepEqual(finish(peer), []);
  assert.deepEqual(finish(peer), ['a -> c AppendEntriesResponse term 2 match 2']);
  assert.deepEqual(
    peer.disk.entries.map((entry) => entry.term),
    [1, 2],
  );
});

test('what arrives while a write is in progress makes up the next one', () => {
  const peer = slowMember([1], abc);
  for (const prev of [1, 2, 3]) {
    answers(peer, appendEntries({ term: 1, prev: [prev, 1], terms: [1], commit: 0 }));
  }
  assert.equal(peer.writeInProgress?.entries.length, 1);
  finish(peer);
  assert.deepEqual(
    peer.writeInProgress?.entries.map((entry) => entry.index),
    [3, 4],
  );
});

test('a campaign is announced only when the own vote is durable, and counts only then', () => {
  const peer = slowMember([1], abc);
  campaign(peer);
  assert.deepEqual(answers(peer, voteResponse('PreVoteResponse', 'b', 2, true)), []);
  const early = voteResponse('RequestVoteResponse', 'b', 2, true);
  assert.deepEqual(answers(peer, early), []);
  assert.equal(peer.raft.softState().role, 'candidate');
  finish(peer);
  assert.equal(peer.raft.softState().role, 'leader');
});

test('a voter that is alone leads when its vote is durable, and commits when its entry is', () => {
  const peer = slowMember([1], ['a']);
  campaign(peer);
  assert.equal(peer.raft.softState().role, 'candidate');
  finish(peer);
  assert.deepEqual([peer.raft.softState().role, peer.raft.softState().commitIndex], ['leader', 0]);
  finish(peer);
  assert.equal(peer.raft.softState().commitIndex, 2);
  peer.raft.propose([new Uint8Array(1)]);
  peer.pump();
  assert.equal(peer.appliedIndex, 2);
  finish(peer);
  assert.equal(peer.appliedIndex, 3);
});

test('the end of an earlier write does not make the own vote count', () => {
  const peer = slowMember([1], ['a']);
  answers(peer, heartbeat(2, 0), timeoutNow(2));
  assert.deepEqual(
    [peer.raft.softState().role, peer.raft.softState().currentTerm],
    ['candidate', 3],
  );
  finish(peer);
  assert.equal(peer.raft.softState().role, 'candidate');
  finish(peer);
  assert.equal(peer.raft.softState().role, 'leader');
});

// Reference: thesis, section 10.2.1.

test('a leader sends entries before its own disk has them, and counts itself only after', () => {
  const peer = leaderWith([1], { configuration: configurationOf(abc, []) });
  answers(peer, acknowledgement('b', 2, 2));
  peer.slow = true;
  peer.raft.propose([new Uint8Array(1)]);
  assert.ok(
    described(peer.pump()).includes('a -> b AppendEntriesRequest term 2 prev 2/2 3/2 commit 2'),
  );
  answers(peer, acknowledgement('b', 2, 3));
  assert.equal(peer.raft.softState().commitIndex, 2);
  finish(peer);
  assert.equal(peer.raft.softState().commitIndex, 3);
});

test('what a leader is given during a write is sent when the next one begins, in one request', () => {
  const peer = leaderWith([1], { configuration: configurationOf(['a', 'b'], []) });
  answers(peer, acknowledgement('b', 2, 2));
  peer.slow = true;
  for (const sent of [['a -> b AppendEntriesRequest term 2 prev 2/2 3/2 commit 2'], [], []]) {
    peer.raft.propose([new Uint8Array(1)]);
    assert.deepEqual(described(peer.pump()), sent);
  }
  assert.deepEqual(finish(peer), ['a -> b AppendEntriesRequest term 2 prev 3/2 4..5/2 commit 2']);
  assert.equal(peer.writeInProgress?.entries.length, 2);
});

test('what a leader is given during a write is sent at the next tick if that write goes on', () => {
  const peer = leaderWith([1], { configuration: configurationOf(['a', 'b'], []) });
  answers(peer, acknowledgement('b', 2, 2));
  peer.slow = true;
  peer.raft.propose([new Uint8Array(1)]);
  peer.pump();
  peer.raft.propose([new Uint8Array(1)]);
  assert.deepEqual(described(peer.pump()), []);
  peer.raft.tick();
  const late = 'a -> b AppendEntriesRequest term 2 prev 3/2 4/2 commit 2';
  assert.ok(described(peer.pump()).includes(late));
});

test('followers alone commit as well, and the leader applies when its disk has caught up', () => {
  const peer = leaderWith([1]);
  peer.slow = true;
  peer.raft.propose([new Uint8Array(1)]);
  peer.pump();
  answers(peer, acknowledgement('b', 2, 3), acknowledgement('c', 2, 3));
  assert.deepEqual([peer.raft.softState().commitIndex, peer.appliedIndex], [3, 2]);
  finish(peer);
  assert.equal(peer.appliedIndex, 3);
});

test('a follower applies only what is durable here', () => {
  const peer = slowMember([1], abc);
  answers(peer, appendEntries({ term: 1, prev: [1, 1], terms: [1], commit: 2 }));
  assert.deepEqual([peer.raft.softState().commitIndex, peer.appliedIndex], [2, 1]);
  finish(peer);
  assert.equal(peer.appliedIndex, 2);
});

test('there is a write for a new term, vote or entry, and none for a commit index alone', () => {
  const cases = [
    { message: heartbeat(1, 0), writes: false },
    { message: heartbeat(1, 1), writes: false },
    { message: commitNotice(1, 1), writes: false },
    { message: appendEntries({ term: 1, prev: [1, 1], terms: [], commit: 1 }), writes: false },
    { message: appendEntries({ term: 1, prev: [0, 0], terms: [1], commit: 1 }), writes: false },
    { message: appendEntries({ term: 1, prev: [1, 1], terms: [1], commit: 0 }), writes: true },
    { message: heartbeat(2, 0), writes: true },
    { message: voteRequest({ from: 'b', term: 1, last: [1, 1] }), writes: true },
    { message: voteRequest({ from: 'b', term: 1, last: [0, 0] }), writes: false },
  ];
  for (const { message, writes } of cases) {
    const peer = slowMember([1], abc);
    answers(peer, message);
    assert.equal(peer.writeInProgress !== undefined, writes, described([message])[0]);
  }
});

test('the commit index rides along with the next write', () => {
  const peer = memberWith([1]);
  answers(peer, heartbeat(1, 1));
  assert.equal(peer.disk.hardState.commitIndex, 0);
  answers(peer, appendEntries({ term: 1, prev: [1, 1], terms: [1], commit: 1 }));
  assert.equal(peer.disk.hardState.commitIndex, logIndex(1));
});

test('the end of a write that is not in progress stops the member', () => {
  const peer = slowMember([1], abc);
  assert.throws(() => peer.raft.persisted(1));
  answers(peer, heartbeat(2, 0));
  assert.throws(() => peer.raft.persisted(2));
});

// A disk that stalls is as bad as a network that does.

test('a leader steps down when its own write lasts an election timeout', () => {
  const peer = leaderWith([1]);
  peer.slow = true;
  peer.raft.propose([new Uint8Array(1)]);
  const alive = () => answers(peer, acknowledgement('b', 2, 2), acknowledgement('c', 2, 2));
  alive();
  tick(peer, 9);
  alive();
  assert.equal(peer.raft.softState().role, 'leader');
  tick(peer, 1);
  assert.equal(peer.raft.softState().role, 'follower');
});

test('a member does not campaign while its own write lasts that long, nor right after it', () => {
  const peer = slowMember([1], abc);
  answers(peer, appendEntries({ term: 1, prev: [1, 1], terms: [1], commit: 0 }));
  tick(peer, 30);
  answers(peer, timeoutNow(1));
  assert.equal(peer.raft.softState().role, 'follower');
  finish(peer);
  tick(peer, 9);
  assert.equal(peer.raft.softState().role, 'follower', 'the leader gets a timeout to be heard');
  tick(peer, 1);
  assert.equal(peer.raft.softState().role, 'preCandidate');
});

test('a pre-candidate whose disk stalls does not raise the term', () => {
  const peer = memberWith([1]);
  campaign(peer);
  peer.slow = true;
  answers(peer, voteRequest({ from: 'b', term: 2, last: [1, 1] }));
  tick(peer, 9);
  answers(peer, voteResponse('PreVoteResponse', 'c', 3, true));
  assert.equal(peer.raft.softState().currentTerm, 2);
});

test('a quick write does not restart the election timer', () => {
  const peer = memberWith([1]);
  tick(peer, 9);
  answers(peer, voteRequest({ from: 'b', term: 2, last: [0, 0] }));
  tick(peer, 1);
  assert.equal(peer.raft.softState().role, 'preCandidate');
});
