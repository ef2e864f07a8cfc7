import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex } from '../../src/ids.js';
import { Cluster } from './cluster.js';
import { cluster, commitIndex, inUse, role } from './membership.js';
import { configurationOf, id, nameOf } from './peer.js';

// Reference: thesis, section 4.1.

test('a configuration is in use from the moment it is appended, committed or not', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.isolate('a');
  assert.equal(joined.begin('a', 'addLearner', 'd'), 'ok');
  assert.equal(inUse(joined, 'a'), 'abc|d|');
  assert.equal(commitIndex(joined, 'a'), 1);
});

test('a follower goes by a configuration as soon as it has it, and gives it up with the entry', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.cut('b', 'a');
  joined.cut('a', 'c');
  joined.change('a', 'remove', 'c');
  assert.equal(inUse(joined, 'b'), 'ab||c');
  assert.equal(commitIndex(joined, 'b'), 1);
  joined.isolate('a');
  joined.isolate('b');
  joined.heal();
  joined.isolate('a');
  joined.peer('b').restart();
  assert.equal(inUse(joined, 'b'), 'ab||c', 'a restart changes nothing');
});

test('a truncation brings the earlier configuration back, for elections and commits alike', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.isolate('a');
  assert.equal(joined.begin('a', 'remove', 'b'), 'ok');
  joined.pump();
  assert.equal(inUse(joined, 'a'), 'ac||b');
  joined.elect('c');
  joined.heal();
  joined.propose('c', 'x');
  joined.pass(10);
  assert.equal(inUse(joined, 'a'), 'abc||');
  assert.equal(joined.change('c', 'remove', 'b'), 'ok', 'the id was never removed');
});

test('a snapshot carries the configuration to whoever has nothing else', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.change('a', 'addLearner', 'd');
  joined.change('a', 'remove', 'c');
  joined.peer('a').compact(0);
  joined.join('d');
  joined.pass(3);
  assert.equal(inUse(joined, 'd'), 'ab|d|c');
  joined.peer('d').restart();
  assert.equal(inUse(joined, 'd'), 'ab|d|c');
});

// Reference: pitfall R53: "Bug in single-server membership changes" (raft-dev, July 2015).

test('a leader changes nothing before it has committed an entry of its own term', () => {
  const joined = new Cluster({ voters: ['a', 'b', 'c'], learners: [], tuning: {} });
  for (const name of ['b', 'c']) joined.peer(name).slow = true;
  joined.elect('a');
  for (const name of ['b', 'c']) joined.peer(name).finishWrite();
  joined.settle();
  assert.equal(role(joined, 'a'), 'leader');
  assert.equal(joined.begin('a', 'addLearner', 'd'), 'notReady');
});

for (const [first, second] of [
  [
    { type: 'promote', member: 'e' },
    { type: 'promote', member: 'f' },
  ],
  [
    { type: 'remove', member: 'b' },
    { type: 'remove', member: 'c' },
  ],
  [
    { type: 'promote', member: 'e' },
    { type: 'remove', member: 'a' },
  ],
] as const) {
  test(`of two leaders one of which ${first.type}s and one ${second.type}s, one change stays`, () => {
    const joined = cluster(['a', 'b', 'c', 'd'], ['e', 'f']);
    joined.pass(11);
    // The change of the first leader reaches nobody, or the one whom it makes a voter.
    joined.isolate('a');
    assert.equal(joined.begin('a', first.type, first.member), 'ok');
    joined.pump();
    joined.elect('d');
    assert.equal(role(joined, 'd'), 'leader');
    joined.pass(11);
    assert.equal(joined.change('d', second.type, second.member), 'ok');
    const after = inUse(joined, 'd');
    joined.isolate('d');
    joined.heal();
    joined.pass(40);
    const leaders = [...joined.peers.keys()].filter((name) => role(joined, name) === 'leader');
    assert.equal(leaders.length, 1);
    for (const name of ['b', 'd']) assert.equal(inUse(joined, name), after);
  });
}

// Reference: pitfalls R54 and R56.

test('a change waits for the one before it, and what is refused leaves nothing behind', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.isolate('a');
  assert.equal(joined.begin('a', 'addLearner', 'd'), 'ok');
  assert.equal(joined.begin('a', 'addLearner', 'e'), 'changeInProgress');
  joined.heal();
  joined.pass(3);
  const { lastIndex } = joined.peer('a').raft;
  assert.equal(joined.begin('a', 'addLearner', 'd'), 'exists');
  assert.equal(joined.begin('a', 'promote', 'f'), 'unknown');
  assert.equal(joined.peer('a').raft.lastIndex, lastIndex);
  assert.equal(joined.begin('a', 'addLearner', 'e'), 'ok', 'a refusal holds nothing up');
});

test('a new leader takes over a change that it finds in its log, and the next one waits for it', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.cut('b', 'a');
  joined.cut('c', 'a');
  joined.change('a', 'addLearner', 'd');
  joined.heal();
  joined.isolate('a');
  joined.elect('b');
  assert.equal(role(joined, 'b'), 'leader');
  assert.equal(inUse(joined, 'c'), 'abc|d|');
  assert.equal(joined.change('b', 'addLearner', 'e'), 'ok');
});

test('only a leader changes the members, and not while it hands over', () => {
  const joined = cluster(['a', 'b', 'c']);
  assert.equal(joined.begin('b', 'addLearner', 'd'), 'notLeader');
  joined.isolate('b');
  joined.peer('a').raft.transferLeadership(id('b'));
  assert.equal(joined.begin('a', 'addLearner', 'd'), 'transferring');
});

// Reference: pitfall R55: what is in use does not depend on what is applied.

test('a member that applies nothing yet votes and campaigns by the newest configuration', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.cut('b', 'a');
  joined.change('a', 'remove', 'c');
  assert.equal(joined.peer('b').appliedIndex, 1);
  joined.isolate('a');
  joined.elect('b');
  const asked = new Set(joined.network.map(({ to }) => nameOf(to)));
  assert.ok(!asked.has('c'));
  assert.equal(role(joined, 'b'), 'preCandidate', 'c is not asked, and a does not answer');
});

// Reference: thesis, section 6.4: the voters in use confirm a read.

test('reads and check-quorum go by the voters in use', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.grow('a', 'd');
  joined.grow('a', 'e');
  joined.isolate('b');
  joined.isolate('c');
  joined.peer('a').raft.readIndex(1);
  joined.settle();
  assert.equal(joined.peer('a').readStates.length, 1, 'a, d and e are three of five');
  joined.pass(20);
  assert.equal(role(joined, 'a'), 'leader');
  joined.isolate('e');
  joined.peer('a').raft.readIndex(2);
  joined.settle();
  assert.equal(joined.peer('a').readStates.length, 1, 'a and d are not enough');
});

test('voters in use keep a leader in office before the change that made them is committed', () => {
  const joined = cluster(['a', 'b', 'c', 'd'], ['e']);
  joined.pass(11);
  for (const name of ['c', 'd']) joined.isolate(name);
  assert.equal(joined.begin('a', 'promote', 'e'), 'ok');
  const withoutEntries = () => joined.drop(({ type }) => type === 'AppendEntriesRequest');
  for (let tick = 0; tick < 20; tick += 1) {
    for (const name of ['a', 'b', 'e']) joined.tick(name, 1);
    for (withoutEntries(); joined.network.length > 0; withoutEntries()) joined.deliverNext();
  }
  assert.equal(inUse(joined, 'a'), 'abcde||');
  assert.equal(commitIndex(joined, 'a'), 1);
  const { role: now, currentTerm } = joined.peer('a').raft.softState();
  assert.deepEqual([now, currentTerm], ['leader', 1], 'a, b and e are three of five');
});

test('leadership is transferred to a voter in use: not to a learner, nor to one that goes', () => {
  const joined = cluster(['a', 'b', 'c'], ['d']);
  const { raft } = joined.peer('a');
  assert.equal(raft.transferLeadership(id('d')), false);
  joined.isolate('c');
  joined.begin('a', 'remove', 'b');
  assert.equal(raft.transferLeadership(id('b')), false);
});

test('a member with an empty log and no configuration never campaigns, and follows whoever leads', () => {
  const joined = cluster(['a', 'b', 'c']);
  const peer = joined.join('d');
  for (let tick = 0; tick < 100; tick += 1) peer.raft.tick();
  assert.equal(role(joined, 'd'), 'follower');
  joined.change('a', 'addLearner', 'd');
  assert.equal(peer.raft.softState().leaderId, id('a'));
  assert.equal(peer.appliedIndex, 2);
});

test('a snapshot has the configuration of its last entry, not a later one', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.isolate('a');
  joined.begin('a', 'addLearner', 'd');
  const metadata = joined.peer('a').raft.snapshotMetadataAt(logIndex(1));
  assert.deepEqual(metadata.configuration, configurationOf(['a', 'b', 'c'], []));
});
