import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../../src/raft/messages.js';
import {
  acknowledgement,
  answers,
  appendEntries,
  campaign,
  candidateWith,
  commitNotice,
  described,
  hardStateOf,
  heartbeat,
  installSnapshot,
  leaderWith,
  memberWith,
  snapshotOf,
  terms,
  voteRequest,
  voteResponse,
} from './build.js';
import { configurationOf, id } from './peer.js';
import { randomFrom } from './schedule.js';

// Reference: section 5.1.

test('a higher term in any message makes a follower of anybody', () => {
  const messages: readonly Message[] = [
    appendEntries({ term: 9, prev: [0, 0], terms: [], commit: 0 }),
    heartbeat(9, 0),
    commitNotice(9, 0),
    acknowledgement('b', 9, 0),
    { ...acknowledgement('b', 9, 0), success: false },
    installSnapshot(9, snapshotOf(20, 8)),
    voteRequest({ from: 'b', term: 9, last: [0, 0] }),
    voteResponse('RequestVoteResponse', 'b', 9, false),
    voteResponse('PreVoteResponse', 'b', 9, false),
  ];
  for (const message of messages) {
    const peers = [memberWith([1]), candidateWith([1], ['a', 'b', 'c'])];
    // A leader is protected from votes by its own presence; that is another claim.
    if (message.type !== 'RequestVoteRequest') peers.push(leaderWith([1]));
    for (const peer of peers) {
      const { role } = peer.raft.softState();
      peer.raft.step(message);
      const after = peer.raft.softState();
      assert.deepEqual(
        [after.role, after.currentTerm],
        ['follower', 9],
        `${role}, ${message.type}`,
      );
    }
  }
});

test('a request of an earlier term is answered with the current term, and has no effect', () => {
  const requests: readonly Message[] = [
    appendEntries({ term: 1, prev: [0, 0], terms: [1, 1, 1], commit: 3 }),
    heartbeat(1, 1),
    installSnapshot(1, snapshotOf(20, 1)),
    voteRequest({ from: 'b', term: 1, last: [9, 9] }),
  ];
  for (const request of requests) {
    const peer = memberWith([1, 2]);
    const sent = answers(peer, request);
    assert.equal(sent[0]?.term, 2, request.type);
    assert.deepEqual([terms(peer), peer.raft.softState().commitIndex], [[1, 2], 0]);
    assert.equal(peer.raft.softState().leaderId, undefined);
  }
});

test('a notice of an earlier term has no effect', () => {
  const peer = memberWith([1, 2]);
  assert.deepEqual(answers(peer, commitNotice(1, 1)), []);
  const { commitIndex, leaderId } = peer.raft.softState();
  assert.deepEqual([commitIndex, leaderId], [0, undefined]);
});

test('answers of an earlier term are ignored', () => {
  const leader = leaderWith([1, 1]);
  answers(leader, acknowledgement('b', 1, 2), acknowledgement('c', 1, 2));
  assert.deepEqual(
    leader.raft.peers().map((peer) => peer.matchIndex),
    [0, 0],
  );
  const candidate = candidateWith([1], ['a', 'b', 'c']);
  answers(candidate, voteResponse('RequestVoteResponse', 'b', 1, true));
  assert.equal(candidate.raft.softState().role, 'candidate');
});

test('a message for another member is not taken', () => {
  const peer = memberWith([1]);
  assert.deepEqual(answers(peer, { ...heartbeat(5, 0), to: id('b') }), []);
  assert.equal(peer.raft.softState().currentTerm, 1);
});

// Reference: section 5.2.

test('a member starts as a follower, also when it was alone and the leader before', () => {
  const peer = memberWith([1], { configuration: configurationOf(['a'], []) });
  assert.equal(peer.raft.softState().role, 'follower');
});

test('a follower stays one while it hears the leader, and campaigns after an election timeout', () => {
  const peer = memberWith([1]);
  for (let beat = 0; beat < 5; beat += 1) {
    for (let tick = 0; tick < 9; tick += 1) peer.raft.tick();
    peer.raft.step(heartbeat(1, 0));
  }
  assert.equal(peer.raft.softState().role, 'follower');
  campaign(peer);
  assert.equal(peer.raft.softState().role, 'preCandidate');
});

test('election timeouts are spread over [timeout, 2 * timeout)', () => {
  const random = randomFrom(1);
  const seen = new Set<number>();
  for (let run = 0; run < 300; run += 1) {
    const { raft } = memberWith([], { random });
    let ticks = 0;
    for (; raft.softState().role === 'follower'; ticks += 1) raft.tick();
    seen.add(ticks);
  }
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    [10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
  );
});

test('a vote is given to one candidate in a term, and to it again when it asks again', () => {
  const cases = [
    { votedFor: undefined, candidate: 'b', granted: true },
    { votedFor: 'b', candidate: 'b', granted: true },
    { votedFor: 'c', candidate: 'b', granted: false },
    { votedFor: 'a', candidate: 'b', granted: false },
  ];
  for (const { votedFor, candidate, granted } of cases) {
    const peer = memberWith([1], { hardState: hardStateOf(2, votedFor) });
    const [answer] = answers(peer, voteRequest({ from: candidate, term: 2, last: [1, 1] }));
    assert.ok(answer?.type === 'RequestVoteResponse');
    assert.equal(answer.voteGranted, granted, `voted for ${votedFor}`);
  }
});

test('a vote is forgotten only together with its term', () => {
  const leader = leaderWith([1]);
  for (let tick = 0; tick < 10; tick += 1) leader.raft.tick();
  leader.pump();
  assert.equal(leader.raft.softState().role, 'follower', 'it hears nobody');
  assert.equal(leader.raft.votedFor, id('a'));
  const same = answers(leader, voteRequest({ from: 'b', term: 2, last: [9, 9] }));
  assert.deepEqual(described(same), ['a -> b RequestVoteResponse term 2 refused']);
  const later = answers(leader, voteRequest({ from: 'b', term: 3, last: [9, 9] }));
  assert.deepEqual(described(later), ['a -> b RequestVoteResponse term 3 granted']);
});

test('a candidate leads once a majority has voted for it', () => {
  const cases = [
    { voters: ['a', 'b'], granted: [], role: 'candidate' },
    { voters: ['a', 'b'], granted: ['b'], role: 'leader' },
    { voters: ['a', 'b', 'c'], granted: ['b'], role: 'leader' },
    { voters: ['a', 'b', 'c', 'd'], granted: ['b'], role: 'candidate' },
    { voters: ['a', 'b', 'c', 'd'], granted: ['b', 'c'], role: 'leader' },
    { voters: ['a', 'b', 'c', 'd', 'e'], granted: ['b', 'b', 'b'], role: 'candidate' },
    { voters: ['a', 'b', 'c', 'd', 'e'], granted: ['b', 'f'], role: 'candidate' },
    { voters: ['a', 'b', 'c', 'd', 'e'], granted: ['b', 'c'], role: 'leader' },
  ];
  for (const { voters, granted, role } of cases) {
    const peer = candidateWith([1], voters);
    for (const voter of granted) {
      answers(peer, voteResponse('RequestVoteResponse', voter, 2, true));
    }
    assert.equal(peer.raft.softState().role, role, `${granted} of ${voters}`);
  }
});

test('a candidate that a majority refuses gives up, and keeps its term', () => {
  const peer = candidateWith([1], ['a', 'b', 'c']);
  for (const voter of ['b', 'c']) {
    answers(peer, voteResponse('RequestVoteResponse', voter, 2, false));
  }
  assert.deepEqual(
    [peer.raft.softState().role, peer.raft.softState().currentTerm],
    ['follower', 2],
  );
});

test('a candidate that hears the leader of its term follows it', () => {
  const messages = [
    appendEntries({ term: 2, prev: [1, 1], terms: [2], commit: 0 }),
    heartbeat(2, 0),
    commitNotice(2, 0),
    installSnapshot(2, snapshotOf(5, 1)),
  ];
  for (const message of messages) {
    const peer = candidateWith([1], ['a', 'b', 'c']);
    peer.raft.step(message);
    const { role, leaderId } = peer.raft.softState();
    assert.deepEqual([role, leaderId], ['follower', id('b')], message.type);
  }
});

test('a candidate that neither wins nor loses tries again', () => {
  const peer = candidateWith([1], ['a', 'b', 'c']);
  const sent = campaign(peer);
  assert.equal(peer.raft.softState().role, 'preCandidate');
  assert.ok(described(sent).includes('a -> b PreVoteRequest term 3 last 1/1'));
});

test('lost vote requests are sent again', () => {
  const peer = candidateWith([1], ['a', 'b', 'c']);
  answers(peer, voteResponse('RequestVoteResponse', 'c', 2, false));
  for (let tick = 0; tick < 3; tick += 1) peer.raft.tick();
  assert.ok(described(peer.pump()).includes('a -> b RequestVoteRequest term 2 last 1/1'));
});

test('two leaders in one term stop the member', () => {
  const peer = memberWith([1]);
  peer.raft.step(heartbeat(1, 0));
  assert.throws(() => peer.raft.step({ ...heartbeat(1, 0), from: id('c') }), /two leaders/);
});

// Reference: section 5.4.1.

test('a voter refuses a candidate whose log is less up-to-date than its own', () => {
  const cases = [
    { last: [2, 2], granted: true },
    { last: [1, 3], granted: true },
    { last: [3, 2], granted: true },
    { last: [1, 2], granted: false },
    { last: [9, 1], granted: false },
  ];
  for (const { last, granted } of cases) {
    const [index = 0, lastTerm = 0] = last;
    const peer = memberWith([1, 2]);
    const request = voteRequest({ from: 'b', term: 4, last: [index, lastTerm] });
    const [answer] = answers(peer, request);
    assert.ok(answer?.type === 'RequestVoteResponse');
    assert.equal(answer.voteGranted, granted, `last ${last}`);
  }
});
