import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex } from '../../src/ids.js';
import {
  acknowledgement,
  answers,
  candidateWith,
  described,
  heartbeat,
  heartbeatAnswer,
  leader,
  leaderWith,
  memberWith,
  timeoutNow,
  voteRequest,
} from './build.js';
import { Cluster } from './cluster.js';
import { id } from './peer.js';

const three = { voters: ['a', 'b', 'c'], learners: [], tuning: {} };

function cluster(): Cluster {
  const joined = new Cluster(three);
  joined.elect('a');
  return joined;
}

function roles({ peers }: Cluster): readonly string[] {
  return [...peers.values()].map((peer) => peer.raft.softState().role);
}

// Reference: thesis, section 3.10 (leadership transfer).

test('a transfer goes to a voter that is not the leader, and only a leader begins one', () => {
  const joined = new Cluster({ voters: ['a', 'b', 'c'], learners: ['d'], tuning: {} });
  joined.elect('a');
  const { raft } = joined.peer('a');
  for (const name of ['a', 'd', 'e']) {
    assert.equal(raft.transferLeadership(id(name)), false, name);
  }
  assert.equal(joined.peer('b').raft.transferLeadership(id('c')), false);
  assert.equal(raft.transferLeadership(id('c')), true);
  joined.settle();
  assert.deepEqual(roles(joined), ['follower', 'follower', 'leader', 'follower']);
});

test('without a name the most up-to-date voter that is alive gets the office', () => {
  const joined = cluster();
  joined.isolate('b');
  joined.propose('a', 'x');
  assert.equal(joined.peer('a').raft.transferLeadership(undefined), true);
  joined.settle();
  assert.equal(joined.peer('c').raft.softState().role, 'leader');
});

test('a leader that is alone has nobody to hand over to', () => {
  const joined = new Cluster({ voters: ['a'], learners: [], tuning: {} });
  joined.elect('a');
  assert.equal(joined.peer('a').raft.transferLeadership(undefined), false);
});

test('a target that lags is brought up to date before it is asked to campaign', () => {
  const joined = cluster();
  joined.isolate('c');
  joined.propose('a', 'x', 'y');
  joined.peer('a').raft.transferLeadership(id('c'));
  joined.settle();
  assert.equal(joined.peer('a').raft.softState().role, 'leader');
  joined.heal();
  joined.tick('a', 3);
  joined.settle();
  assert.equal(joined.peer('c').raft.softState().role, 'leader');
  assert.equal(joined.peer('c').appliedIndex, 4);
});

test('while it hands over a leader neither appends nor reads; after an election timeout it does', () => {
  const peer = leader();
  peer.raft.transferLeadership(id('b'));
  for (let tick = 0; tick < 10; tick += 1) {
    const refused = { ok: false, error: 'transferring' };
    assert.deepEqual(peer.raft.propose([new Uint8Array(1)]), refused);
    assert.equal(peer.raft.readIndex(1), false);
    answers(peer, heartbeatAnswer('c', 0));
    peer.raft.tick();
  }
  assert.equal(peer.raft.propose([new Uint8Array(1)]).ok, true);
  assert.equal(peer.raft.readIndex(1), true);
});

test('a lost request to campaign is sent again', () => {
  const peer = leader();
  peer.raft.transferLeadership(id('b'));
  const asked = 'a -> b TimeoutNowRequest term 2';
  assert.ok(described(peer.pump()).includes(asked));
  assert.ok(described(answers(peer, heartbeatAnswer('b', 0))).includes(asked));
});

test('who is asked to campaign does so without a pre-vote, and voters let it', () => {
  const peer = memberWith([1]);
  answers(peer, heartbeat(1, 0));
  const sent = described(answers(peer, timeoutNow(1)));
  assert.ok(sent.includes('a -> b RequestVoteRequest term 2 last 1/1 transfer'));
  const voter = memberWith([1]);
  answers(voter, heartbeat(1, 0));
  const request = {
    ...voteRequest({ from: 'c', term: 2, last: [1, 1] }),
    leadershipTransfer: true,
  };
  assert.deepEqual(described(answers(voter, request)), [
    'a -> c RequestVoteResponse term 2 granted',
  ]);
});

// Reference: thesis, section 6.4 (read-only queries).

test('only a leader takes reads', () => {
  assert.equal(memberWith([1]).raft.readIndex(1), false);
  assert.equal(candidateWith([1], ['a', 'b', 'c']).raft.readIndex(1), false);
});

test('a read waits until a majority has answered a heartbeat that was sent after it', () => {
  const peer = leader();
  peer.raft.readIndex(1);
  peer.pump();
  peer.raft.readIndex(2);
  peer.pump();
  answers(peer, heartbeatAnswer('b', 0));
  assert.deepEqual(peer.readStates, [], 'an answer from before both');
  answers(peer, heartbeatAnswer('b', 1));
  assert.deepEqual(peer.readStates, [{ context: 1, readIndex: 2 }]);
  answers(peer, heartbeatAnswer('c', 1));
  assert.equal(peer.readStates.length, 1, 'a late answer is not about the second read');
  answers(peer, heartbeatAnswer('c', 2));
  assert.deepEqual(peer.readStates.at(-1), { context: 2, readIndex: 2 });
});

test('reads of one turn share a round', () => {
  const peer = leader();
  for (const context of [1, 2, 3]) peer.raft.readIndex(context);
  const heartbeats = peer.pump().filter((message) => message.type === 'HeartbeatRequest');
  assert.equal(heartbeats.length, 2, 'one for each follower');
  answers(peer, heartbeatAnswer('b', 1));
  assert.deepEqual(
    peer.readStates.map((read) => read.context),
    [1, 2, 3],
  );
});

test('a lost round is made good by the next heartbeat, which takes later reads along', () => {
  const peer = leader();
  peer.raft.readIndex(1);
  peer.pump();
  peer.raft.readIndex(2);
  for (let tick = 0; tick < 3; tick += 1) peer.raft.tick();
  assert.ok(described(peer.pump()).includes('a -> b HeartbeatRequest term 2 commit 2 round 2'));
  answers(peer, heartbeatAnswer('b', 2));
  assert.deepEqual(
    peer.readStates.map((read) => read.context),
    [1, 2],
  );
});

test('the answers of learners confirm no read', () => {
  const joined = new Cluster({ voters: ['a', 'b', 'c'], learners: ['d', 'e'], tuning: {} });
  joined.elect('a');
  for (const name of ['b', 'c']) joined.cut(name, 'a');
  joined.peer('a').raft.readIndex(1);
  joined.settle();
  assert.deepEqual(joined.peer('a').readStates, []);
});

test('no read is answered before an entry of the own term is committed', () => {
  const peer = leaderWith([1]);
  answers(peer, acknowledgement('b', 2, 1));
  peer.raft.readIndex(1);
  peer.pump();
  answers(peer, heartbeatAnswer('b', 0), heartbeatAnswer('b', 1), heartbeatAnswer('c', 1));
  assert.deepEqual(peer.readStates, []);
  answers(peer, acknowledgement('b', 2, 2));
  answers(peer, heartbeatAnswer('b', 1));
  assert.deepEqual(peer.readStates, [{ context: 1, readIndex: 2 }]);
});

test('a leader that loses its office forgets the reads that wait', () => {
  const peer = leader();
  peer.raft.readIndex(1);
  peer.pump();
  answers(peer, heartbeat(3, 2), heartbeatAnswer('b', 1));
  assert.deepEqual(peer.readStates, []);
});

test('a voter that is alone reads at once', () => {
  const joined = new Cluster({ voters: ['a'], learners: [], tuning: {} });
  joined.elect('a');
  joined.peer('a').raft.readIndex(5);
  joined.pump();
  assert.deepEqual(joined.peer('a').readStates, [{ context: 5, readIndex: logIndex(1) }]);
});
