import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answers,
  campaign,
  described,
  hardStateOf,
  heartbeat,
  heartbeatAnswer,
  leader,
  memberWith,
  preVoteRequest,
  timeoutNow,
  voteRequest,
  voteResponse,
} from './build.js';
import { Cluster } from './cluster.js';
import { configurationOf, id } from './peer.js';

const three = { voters: ['a', 'b', 'c'], learners: [], tuning: {} };

function cluster(): Cluster {
  const joined = new Cluster(three);
  joined.elect('a');
  return joined;
}

// Reference: thesis, section 9.6 (pre-vote).

test('a pre-vote is granted to whoever would get the vote, under the term that is asked for', () => {
  const cases = [
    { term: 3, last: [2, 2], answer: 'term 3 granted', why: 'a later term' },
    { term: 2, last: [2, 2], answer: 'term 2 granted', why: 'the own term, with a free vote' },
    { term: 1, last: [9, 9], answer: 'term 2 refused', why: 'an earlier term' },
    { term: 3, last: [1, 2], answer: 'term 2 refused', why: 'a shorter log' },
    { term: 3, last: [9, 1], answer: 'term 2 refused', why: 'an older log' },
  ];
  for (const { term, last, answer, why } of cases) {
    const [index = 0, lastTerm = 0] = last;
    const request = preVoteRequest({ from: 'b', term, last: [index, lastTerm] });
    const sent = described(answers(memberWith([1, 2]), request));
    assert.deepEqual(sent, [`a -> b PreVoteResponse ${answer}`], why);
  }
});

test('in the own term a pre-vote follows the vote', () => {
  const request = preVoteRequest({ from: 'b', term: 2, last: [9, 9] });
  for (const { votedFor, answer } of [
    { votedFor: 'b', answer: 'granted' },
    { votedFor: 'c', answer: 'refused' },
  ]) {
    const peer = memberWith([1], { hardState: hardStateOf(2, votedFor) });
    assert.deepEqual(described(answers(peer, request)), [
      `a -> b PreVoteResponse term 2 ${answer}`,
    ]);
  }
});

test('a pre-vote changes nothing at the voter: no term, no vote, no leader, no timer', () => {
  const peer = memberWith([1]);
  for (let tick = 0; tick < 9; tick += 1) peer.raft.tick();
  const before = peer.raft.softState();
  answers(peer, preVoteRequest({ from: 'b', term: 5, last: [9, 9] }));
  assert.deepEqual(peer.raft.softState(), before);
  assert.equal(peer.raft.votedFor, undefined);
  peer.raft.tick();
  assert.equal(peer.raft.softState().role, 'preCandidate', 'its timeout has run on');
});

test('a pre-candidate keeps its term until a majority would vote for it', () => {
  const peer = memberWith([1]);
  campaign(peer);
  assert.equal(peer.raft.softState().currentTerm, 1);
  answers(peer, voteResponse('PreVoteResponse', 'b', 2, true));
  assert.deepEqual(
    [peer.raft.softState().role, peer.raft.softState().currentTerm],
    ['candidate', 2],
  );
});

test('a grant counts only for the term that was asked for, and from a voter', () => {
  const late = [
    voteResponse('PreVoteResponse', 'b', 1, true),
    voteResponse('PreVoteResponse', 'b', 3, true),
    voteResponse('PreVoteResponse', 'd', 2, true),
  ];
  const peer = memberWith([1]);
  campaign(peer);
  answers(peer, ...late);
  assert.deepEqual(
    [peer.raft.softState().role, peer.raft.softState().currentTerm],
    ['preCandidate', 1],
  );
});

test('a pre-candidate that is refused under a later term adopts it', () => {
  const peer = memberWith([1]);
  campaign(peer);
  answers(peer, voteResponse('PreVoteResponse', 'b', 7, false));
  assert.deepEqual(
    [peer.raft.softState().role, peer.raft.softState().currentTerm],
    ['follower', 7],
  );
});

test('a pre-candidate that is refused asks again, and wins as soon as the others miss the leader', () => {
  const joined = cluster();
  joined.isolate('a');
  joined.tick('b', 10);
  joined.settle();
  assert.equal(joined.peer('b').raft.softState().role, 'preCandidate');
  joined.peer('c').raft.leaderLost(id('a'));
  joined.tick('b', 3);
  joined.settle();
  assert.equal(joined.peer('b').raft.softState().role, 'leader');
});

test('pre-votes that are still on their way are nothing to a leader', () => {
  const peer = leader();
  const late = voteResponse('PreVoteResponse', 'c', 3, true);
  answers(peer, late);
  assert.equal(peer.raft.softState().role, 'leader');
});

// Reference: thesis, sections 4.2.3 and 6.2 (check quorum).

test('who hears a leader votes for nobody else, and does not adopt the term of such a request', () => {
  const hearing = memberWith([1]);
  answers(hearing, heartbeat(1, 0));
  for (const peer of [hearing, leader()]) {
    const { currentTerm } = peer.raft.softState();
    const last = [9, 9] as const;
    assert.deepEqual(answers(peer, voteRequest({ from: 'c', term: 9, last })), []);
    const [answer] = answers(peer, preVoteRequest({ from: 'c', term: 9, last }));
    assert.ok(answer?.type === 'PreVoteResponse' && !answer.voteGranted);
    assert.equal(peer.raft.softState().currentTerm, currentTerm);
  }
});

test('the leader itself is not refused for its own sake', () => {
  const peer = memberWith([1]);
  answers(peer, heartbeat(1, 0));
  const sent = answers(peer, preVoteRequest({ from: 'b', term: 2, last: [9, 9] }));
  assert.deepEqual(described(sent), ['a -> b PreVoteResponse term 2 granted']);
});

test('a leader that was silent for an election timeout protects nobody any more', () => {
  for (const { ticks, granted } of [
    { ticks: 9, granted: false },
    { ticks: 10, granted: true },
  ]) {
    const peer = memberWith([1], { random: () => 0.9 });
    answers(peer, heartbeat(1, 0));
    for (let tick = 0; tick < ticks; tick += 1) peer.raft.tick();
    const [answer] = answers(peer, preVoteRequest({ from: 'c', term: 2, last: [9, 9] }));
    assert.ok(answer?.type === 'PreVoteResponse');
    assert.equal(answer.voteGranted, granted, `${ticks} ticks`);
  }
});

test('after a start, when no leader is known yet, votes are free', () => {
  const sent = answers(memberWith([1]), voteRequest({ from: 'b', term: 2, last: [1, 1] }));
  assert.deepEqual(described(sent), ['a -> b RequestVoteResponse term 2 granted']);
});

test('a leader steps down when no majority was heard of for an election timeout', () => {
  const peer = leader();
  for (let tick = 0; tick < 9; tick += 1) peer.raft.tick();
  answers(peer, heartbeatAnswer('c', 0));
  for (let tick = 0; tick < 9; tick += 1) peer.raft.tick();
  assert.equal(peer.raft.softState().role, 'leader');
  peer.raft.tick();
  const { role, leaderId } = peer.raft.softState();
  assert.deepEqual([role, leaderId], ['follower', undefined]);
});

test('learners do not keep a leader in office', () => {
  const joined = new Cluster({ voters: ['a', 'b', 'c'], learners: ['d', 'e'], tuning: {} });
  joined.elect('a');
  for (const name of ['b', 'c']) joined.cut(name, 'a');
  for (let tick = 0; tick < 10; tick += 1) {
    joined.tick('a', 1);
    joined.settle();
  }
  assert.equal(joined.peer('a').raft.softState().role, 'follower');
});

test('evidence that the leader is gone starts a pre-vote within a fifth of the timeout', () => {
  for (const { random, ticks } of [
    { random: 0, ticks: 1 },
    { random: 0.99, ticks: 2 },
  ]) {
    const peer = memberWith([1], { random: () => random });
    answers(peer, heartbeat(1, 0));
    peer.raft.leaderLost(id('c'));
    assert.equal(peer.raft.softState().leaderId, id('b'), 'another peer is no leader');
    peer.raft.leaderLost(id('b'));
    assert.equal(peer.raft.softState().leaderId, undefined);
    for (let tick = 1; tick < ticks; tick += 1) peer.raft.tick();
    assert.equal(peer.raft.softState().role, 'follower');
    peer.raft.tick();
    assert.equal(peer.raft.softState().role, 'preCandidate');
  }
});

test('of two that ask each other for pre-votes, one becomes leader at once', () => {
  for (const { behind, elected } of [
    { behind: undefined, elected: ['follower', 'leader'] },
    { behind: 'b', elected: ['follower', 'leader'] },
    { behind: 'c', elected: ['leader', 'follower'] },
  ]) {
    const joined = cluster();
    if (behind !== undefined) {
      joined.cut('a', behind);
      joined.propose('a', 'x');
    }
    joined.isolate('a');
    for (const name of ['b', 'c']) joined.peer(name).raft.leaderLost(id('a'));
    for (const name of ['b', 'c']) joined.tick(name, 1);
    joined.settle();
    const roles = ['b', 'c'].map((name) => joined.peer(name).raft.softState().role);
    assert.deepEqual(roles, elected, `behind: ${behind}`);
  }
});

test('a leader that was lost by mistake is followed again when it is heard', () => {
  const peer = memberWith([1]);
  answers(peer, heartbeat(1, 0));
  peer.raft.leaderLost(id('b'));
  answers(peer, heartbeat(1, 0));
  for (let tick = 0; tick < 9; tick += 1) peer.raft.tick();
  const { role, leaderId } = peer.raft.softState();
  assert.deepEqual([role, leaderId], ['follower', id('b')]);
});

// Reference: thesis, section 4.2.1 (learners, there called non-voting members).

test('neither a learner nor a stranger to the configuration campaigns', () => {
  for (const configuration of [
    configurationOf(['b', 'c'], ['a']),
    configurationOf(['b', 'c'], []),
  ]) {
    const peer = memberWith([1], { configuration });
    for (let tick = 0; tick < 50; tick += 1) peer.raft.tick();
    answers(peer, timeoutNow(1));
    assert.equal(peer.raft.softState().role, 'follower');
  }
});

test('a learner votes when it is asked: it may be a voter already and not know', () => {
  const peer = memberWith([1], { configuration: configurationOf(['b', 'c'], ['a']) });
  const sent = answers(peer, voteRequest({ from: 'b', term: 2, last: [1, 1] }));
  assert.deepEqual(described(sent), ['a -> b RequestVoteResponse term 2 granted']);
});
