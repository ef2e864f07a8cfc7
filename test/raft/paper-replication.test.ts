import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  acknowledgement,
  answers,
  appendEntries,
  candidateWith,
  commitNotice,
  described,
  heartbeat,
  leaderWith,
  memberWith,
  terms,
} from './build.js';
import { Cluster } from './cluster.js';
import { id, Peer } from './peer.js';

// Reference: section 8.

test('a new leader appends a no-op of its term first', () => {
  const leader = leaderWith([1, 1]);
  assert.deepEqual(terms(leader), [1, 1, 2]);
  assert.equal(leader.disk.entries.at(-1)?.type, 'noop');
});

// Reference: section 5.3.

test('proposals of one turn travel in one request to each follower', () => {
  const leader = leaderWith([1]);
  answers(leader, acknowledgement('b', 2, 2), acknowledgement('c', 2, 2));
  for (let turn = 0; turn < 3; turn += 1) leader.raft.propose([new Uint8Array(1)]);
  assert.deepEqual(described(leader.pump()), [
    'a -> b AppendEntriesRequest term 2 prev 2/2 3..5/2 commit 2',
    'a -> c AppendEntriesRequest term 2 prev 2/2 3..5/2 commit 2',
  ]);
});

test('followers that are equally far are sent the very same entries', () => {
  const leader = leaderWith([1]);
  answers(leader, acknowledgement('b', 2, 2), acknowledgement('c', 2, 2));
  leader.raft.propose([new Uint8Array(1), new Uint8Array(1)]);
  const [toB, toC] = leader.pump();
  assert.ok(toB?.type === 'AppendEntriesRequest' && toC?.type === 'AppendEntriesRequest');
  assert.equal(toB.entries, toC.entries);
});

test('only a leader takes proposals; they get the next indexes and its term', () => {
  const data = [new Uint8Array(1), new Uint8Array(1)];
  const refused = { ok: false, error: 'notLeader' };
  assert.deepEqual(memberWith([1]).raft.propose(data), refused);
  assert.deepEqual(candidateWith([1], ['a', 'b', 'c']).raft.propose(data), refused);
  const leader = leaderWith([1]);
  const value = { firstIndex: 3, count: 2, term: 2 };
  assert.deepEqual(leader.raft.propose(data), { ok: true, value });
  assert.equal(leader.raft.lastIndex, 4);
});

test('a proposal beyond what may be uncommitted is refused, and let in after a commit', () => {
  const leader = leaderWith([1], { uncommittedBytesMax: 100 });
  answers(leader, acknowledgement('b', 2, 2));
  const big = [new Uint8Array(200)];
  assert.equal(leader.raft.propose(big).ok, true, 'or it would never be let in');
  const small = [new Uint8Array(1), new Uint8Array(1)];
  assert.deepEqual(leader.raft.propose(small), { ok: false, error: 'busy' });
  assert.equal(leader.raft.lastIndex, 3);
  leader.pump();
  answers(leader, acknowledgement('b', 2, 3));
  assert.equal(leader.raft.propose(small).ok, true);
  assert.equal(leader.raft.propose([new Uint8Array(40)]).ok, true);
  assert.equal(leader.raft.propose([new Uint8Array(40)]).ok, false);
});

test('of a proposal the leader appends what there is room for, in its order', () => {
  const leader = leaderWith([1], { uncommittedBytesMax: 100 });
  answers(leader, acknowledgement('b', 2, 2));
  const sizes = [20, 20, 60, 1];
  const proposed = leader.raft.propose(sizes.map((size) => new Uint8Array(size)));
  assert.deepEqual(proposed, { ok: true, value: { firstIndex: 3, count: 2, term: 2 } });
  assert.equal(leader.raft.uncommittedBytes, 72);
  answers(leader, acknowledgement('b', 2, 4));
  assert.equal(leader.raft.uncommittedBytes, 0);
});

test('an entry is committed once a majority holds it, and told to all followers at once', () => {
  const cases = [
    { voters: ['a'], acknowledged: [], committed: true },
    { voters: ['a', 'b', 'c'], acknowledged: [], committed: false },
    { voters: ['a', 'b', 'c'], acknowledged: ['b'], committed: true },
    { voters: ['a', 'b', 'c', 'd'], acknowledged: ['b'], committed: false },
    { voters: ['a', 'b', 'c', 'd'], acknowledged: ['b', 'c'], committed: true },
    { voters: ['a', 'b', 'c', 'd', 'e'], acknowledged: ['b'], committed: false },
    { voters: ['a', 'b', 'c', 'd', 'e'], acknowledged: ['b', 'c'], committed: true },
  ];
  for (const { voters, acknowledged, committed } of cases) {
    const cluster = new Cluster({ voters, learners: [], tuning: {} });
    cluster.elect('a');
    for (const name of voters.slice(1)) {
      if (!acknowledged.includes(name)) cluster.cut('a', name);
    }
    cluster.propose('a', 'x');
    const { commitIndex } = cluster.peer('a').raft.softState();
    assert.equal(commitIndex === 2, committed, `${acknowledged} of ${voters}`);
    for (const name of committed ? acknowledged : []) {
      assert.equal(cluster.peer(name).appliedIndex, 2, `${name} applies without another proposal`);
    }
  }
});

test('a learner is sent the log, and is never counted', () => {
  const cluster = new Cluster({ voters: ['a', 'b', 'c'], learners: ['d', 'e'], tuning: {} });
  cluster.elect('a');
  for (const name of ['b', 'c']) cluster.cut('a', name);
  cluster.propose('a', 'x');
  for (const name of ['d', 'e']) assert.equal(cluster.peer(name).raft.lastIndex, 2);
  assert.equal(cluster.peer('a').raft.softState().commitIndex, 1);
});

test('a follower accepts entries only where its log agrees, and says where it does not', () => {
  const log = [1, 1, 2, 2, 2];
  const cases = [
    { prev: [5, 2], answer: 'match 6' },
    { prev: [2, 1], answer: 'match 3' },
    { prev: [0, 0], answer: 'match 1' },
    { prev: [6, 3], answer: 'refused 6, conflict 6/0' },
    { prev: [9, 3], answer: 'refused 9, conflict 6/0' },
    { prev: [5, 3], answer: 'refused 5, conflict 3/2' },
    { prev: [4, 3], answer: 'refused 4, conflict 3/2' },
    { prev: [2, 2], answer: 'refused 2, conflict 1/1' },
  ];
  for (const { prev, answer } of cases) {
    const [index = 0, prevTerm = 0] = prev;
    const peer = memberWith(log);
    const request = appendEntries({ term: 3, prev: [index, prevTerm], terms: [3], commit: 0 });
    const sent = described(answers(peer, request));
    assert.deepEqual(sent, [`a -> b AppendEntriesResponse term 3 ${answer}`]);
  }
});

test('a follower truncates only at a conflict', () => {
  const cases = [
    { sent: [1, 1], after: [1, 1, 2, 2], why: 'a late request takes nothing back' },
    { sent: [], after: [1, 1, 2, 2], why: 'nor does an empty one' },
    { sent: [1, 1, 2, 2, 3], after: [1, 1, 2, 2, 3], why: 'what is new is appended' },
    { sent: [1, 1, 2, 3], after: [1, 1, 2, 3], why: 'the last one conflicts' },
    { sent: [1, 3], after: [1, 3], why: 'all from the conflict on go' },
  ];
  for (const { sent, after, why } of cases) {
    const peer = memberWith([1, 1, 2, 2]);
    answers(peer, appendEntries({ term: 3, prev: [0, 0], terms: sent, commit: 0 }));
    assert.deepEqual(terms(peer), after, why);
    assert.deepEqual(
      peer.disk.entries.map((entry) => entry.term),
      after,
      'on disk as well',
    );
  }
});

test('an acknowledgement covers what the request verified, not all that the follower has', () => {
  const peer = memberWith([1, 1, 1, 1]);
  const sent = answers(peer, appendEntries({ term: 2, prev: [1, 1], terms: [1], commit: 0 }));
  assert.deepEqual(described(sent), ['a -> b AppendEntriesResponse term 2 match 2']);
});

test('a follower commits no more than the request verified', () => {
  const cases = [
    { prev: 1, sent: [1], commit: 9, expected: 2 },
    { prev: 1, sent: [], commit: 9, expected: 1 },
    { prev: 1, sent: [1, 1], commit: 2, expected: 2 },
  ];
  for (const { prev, sent, commit, expected } of cases) {
    const peer = memberWith([1, 1, 1, 1]);
    answers(peer, appendEntries({ term: 2, prev: [prev, 1], terms: sent, commit }));
    assert.equal(peer.raft.softState().commitIndex, expected);
  }
});

test('what is committed is never truncated: the member stops instead', () => {
  const peer = memberWith([1, 1]);
  answers(peer, heartbeat(1, 2));
  const conflicting = appendEntries({ term: 2, prev: [1, 1], terms: [2], commit: 0 });
  assert.throws(() => peer.raft.step(conflicting), /never truncated/);
  const contradicting = appendEntries({ term: 2, prev: [2, 2], terms: [], commit: 0 });
  assert.throws(() => peer.raft.step(contradicting), /contradicts a committed entry/);
});

test('a follower takes the commit index from a notice, applies up to it, and does not answer', () => {
  const peer = memberWith([1, 1, 1]);
  assert.deepEqual(answers(peer, commitNotice(1, 2)), []);
  assert.deepEqual([peer.raft.softState().commitIndex, peer.appliedIndex], [2, 2]);
  assert.deepEqual(answers(peer, commitNotice(1, 1)), [], 'a late one takes nothing back');
  assert.equal(peer.raft.softState().commitIndex, 2);
});

test('a notice keeps a follower from campaigning', () => {
  const peer = memberWith([1]);
  for (let beat = 0; beat < 5; beat += 1) {
    for (let tick = 0; tick < 9; tick += 1) peer.raft.tick();
    peer.raft.step(commitNotice(1, 0));
  }
  assert.equal(peer.raft.softState().role, 'follower');
});

test('a heartbeat commits at a follower no more than it has acknowledged', () => {
  const leader = leaderWith([1]);
  const [committed] = described(answers(leader, acknowledgement('b', 2, 2)));
  assert.equal(committed, 'a -> b CommitNotice term 2 commit 2');
  const { heartbeatIntervalTicks } = leader.options;
  for (let tick = 0; tick < heartbeatIntervalTicks; tick += 1) leader.raft.tick();
  assert.deepEqual(described(leader.pump()), [
    'a -> b HeartbeatRequest term 2 commit 2 round 0',
    'a -> c HeartbeatRequest term 2 commit 0 round 0',
  ]);
});

test('a commit is told once: by a notice, or by a heartbeat that leaves at the same time', () => {
  const leader = leaderWith([1]);
  answers(leader, acknowledgement('b', 2, 2), acknowledgement('c', 2, 2));
  leader.raft.propose([new Uint8Array(1)]);
  leader.pump();
  leader.raft.step(acknowledgement('b', 2, 3));
  leader.raft.readIndex(1);
  const told = described(leader.pump());
  assert.deepEqual(told, [
    'a -> b HeartbeatRequest term 2 commit 3 round 1',
    'a -> c HeartbeatRequest term 2 commit 2 round 1',
  ]);
  const late = described(answers(leader, acknowledgement('c', 2, 3)));
  assert.deepEqual(late, ['a -> c CommitNotice term 2 commit 3']);
});

test('a lost notice is made good by the next heartbeat', () => {
  const cluster = new Cluster({ voters: ['a', 'b', 'c'], learners: [], tuning: {} });
  cluster.elect('a');
  cluster.peer('a').raft.propose([new Uint8Array(1)]);
  cluster.pump();
  let lost = 0;
  while (cluster.network.length > 0) {
    lost += cluster.drop(({ type }) => type === 'CommitNotice').length;
    cluster.deliverNext();
  }
  assert.equal(lost, 2);
  assert.deepEqual([cluster.peer('b').appliedIndex, cluster.peer('c').appliedIndex], [1, 1]);
  cluster.tick('a', cluster.peer('a').options.heartbeatIntervalTicks);
  cluster.settle();
  assert.deepEqual([cluster.peer('b').appliedIndex, cluster.peer('c').appliedIndex], [2, 2]);
});

test('what commits more than the member holds stops it: it has lost its log', () => {
  for (const message of [heartbeat(1, 2), commitNotice(1, 2)]) {
    const peer = memberWith([1]);
    assert.throws(() => peer.raft.step(message), /missing from the log/);
  }
});

test('entries that are compacted here agree with any leader', () => {
  const peer = memberWith([1, 1, 1, 1]);
  answers(peer, heartbeat(1, 3));
  peer.compact(0);
  const cases = [
    { prev: 0, sent: [1, 1], answer: 'match 2' },
    { prev: 1, sent: [1, 1, 1, 1], answer: 'match 5' },
    { prev: 2, sent: [], answer: 'match 2' },
  ];
  for (const { prev, sent, answer } of cases) {
    const request = appendEntries({
      term: 2,
      prev: [prev, prev === 0 ? 0 : 1],
      terms: sent,
      commit: 0,
    });
    const [last] = described(answers(peer, request)).slice(-1);
    assert.equal(last, `a -> b AppendEntriesResponse term 2 ${answer}`);
  }
  assert.deepEqual(terms(peer), [1, 1]);
});

test('a request holds as many entries as its limit allows, and the window as many requests', () => {
  const tuning = { appendBytesMax: 40, inflightMax: 2 };
  const leader = leaderWith([1], tuning);
  answers(leader, acknowledgement('b', 2, 2));
  const large = new Uint8Array(500);
  const small = new Uint8Array(1);
  leader.raft.propose([small, small, large, small, small, small]);
  const toB = leader.pump().filter((message) => message.to === id('b'));
  assert.deepEqual(described(toB), [
    'a -> b AppendEntriesRequest term 2 prev 2/2 3..4/2 commit 2',
    'a -> b AppendEntriesRequest term 2 prev 4/2 5/2 commit 2',
  ]);
  const next = answers(leader, acknowledgement('b', 2, 4));
  assert.ok(
    described(next).includes('a -> b AppendEntriesRequest term 2 prev 5/2 6..7/2 commit 4'),
  );
});

test('a log that differs in a hundred entries of many terms is repaired term by term', () => {
  const shared = [1, 1];
  const theirs = Array.from({ length: 120 }, (_, position) => 2 + Math.floor(position / 40));
  const own = Array.from({ length: 150 }, (_, position) => 5 + Math.floor(position / 50));
  const cluster = new Cluster({ voters: ['a', 'b', 'c'], learners: [], tuning: {} });
  for (const [name, log] of [
    ['a', own],
    ['b', theirs],
    ['c', own],
  ] as const) {
    const { options } = memberWith([...shared, ...log]);
    cluster.peers.set(name, new Peer(name, options));
  }
  let refusals = 0;
  cluster.onSend = (message) => {
    if (message.type === 'AppendEntriesResponse' && !message.success) refusals += 1;
  };
  cluster.elect('a');
  assert.deepEqual(terms(cluster.peer('b')), terms(cluster.peer('a')));
  assert.ok(refusals <= 4, `${refusals} round trips for three terms`);
});

// Reference: section 5.4.2.

test('only an entry of the own term is committed by counting, and all before it with it', () => {
  const leader = leaderWith([1, 1]);
  answers(leader, acknowledgement('b', 2, 2), acknowledgement('c', 2, 2));
  assert.equal(leader.raft.softState().commitIndex, 0, 'a majority holds two entries of term 1');
  answers(leader, acknowledgement('b', 2, 3));
  assert.equal(leader.raft.softState().commitIndex, 3);
});

// Reference: section 5.5.

test('requests that arrive twice change nothing the second time', () => {
  const peer = memberWith([1]);
  const request = appendEntries({ term: 1, prev: [1, 1], terms: [1, 1], commit: 2 });
  const first = answers(peer, request);
  const second = answers(peer, request);
  assert.deepEqual(second, first);
  assert.deepEqual([peer.raft.lastIndex, peer.applied.length], [3, 2]);
});
