import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluster, commitIndex, inUse, role } from './membership.js';
import { id } from './peer.js';

// Reference: pitfalls R57, R58 and R59; thesis, section 4.2.1.

test('a learner gets the log and counts for nothing: no commit, no vote, no quorum', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.join('d');
  joined.join('e');
  joined.change('a', 'addLearner', 'd');
  joined.change('a', 'addLearner', 'e');
  assert.equal(joined.peer('d').appliedIndex, joined.peer('a').appliedIndex);
  const committed = commitIndex(joined, 'a');
  joined.isolate('b');
  joined.isolate('c');
  joined.propose('a', 'x');
  assert.equal(joined.peer('d').raft.lastIndex, committed + 1, 'it has the entry');
  assert.equal(commitIndex(joined, 'a'), committed, 'and that commits nothing');
  joined.pass(10);
  assert.equal(role(joined, 'a'), 'follower', 'nor does it keep a leader in office');
  joined.pass(100);
  assert.equal(role(joined, 'a'), 'preCandidate', 'nor does it elect one');
});

test('a learner stays one through a restart and a change of leaders', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.join('d');
  joined.change('a', 'addLearner', 'd');
  joined.peer('d').restart();
  joined.elect('b');
  joined.pass(10);
  for (const name of ['a', 'b', 'd']) assert.equal(inUse(joined, name), 'abc|d|');
  for (let tick = 0; tick < 100; tick += 1) joined.peer('d').raft.tick();
  assert.equal(role(joined, 'd'), 'follower');
});

test('a learner is promoted only when it has what the log held an election timeout ago', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.join('d');
  joined.isolate('d');
  assert.equal(joined.change('a', 'addLearner', 'd'), 'ok');
  assert.equal(joined.begin('a', 'promote', 'd'), 'behind', 'it never answered');
  joined.propose('a', 'x');
  joined.pass(20);
  joined.heal();
  joined.pass(3);
  assert.equal(joined.peer('a').raft.hasCaughtUp(id('d')), true);
  assert.equal(joined.change('a', 'promote', 'd'), 'ok');
  assert.equal(inUse(joined, 'd'), 'abcd||');
});

test('a learner that was up to date and is silent since is not promoted', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.join('d');
  joined.change('a', 'addLearner', 'd');
  joined.pass(11);
  joined.isolate('d');
  joined.pass(10);
  assert.equal(joined.begin('a', 'promote', 'd'), 'behind');
});

test('a cluster grows from one voter to seven and shrinks again, and never stops', () => {
  const joined = cluster(['a']);
  const names = ['b', 'c', 'd', 'e', 'f', '1'];
  for (const name of names) {
    joined.grow('a', name);
    joined.propose('a', name);
    assert.equal(joined.peer(name).raft.softState().commitIndex, commitIndex(joined, 'a'));
  }
  assert.equal(inUse(joined, '1'), 'abcdef1||');
  for (const name of names) {
    assert.equal(joined.change('a', 'remove', name), 'ok');
    joined.propose('a', name);
    assert.equal(commitIndex(joined, 'a'), joined.peer('a').raft.lastIndex);
  }
  assert.equal(inUse(joined, 'a'), 'a||bcdef1');
});

test('a majority of those in use commits, for each size from 1 to 7', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', '1'];
  for (let size = 1; size <= names.length; size += 1) {
    const joined = cluster(names.slice(0, size));
    const spare = Math.ceil(size / 2) - 1;
    const silent = names.slice(1, size);
    for (const name of silent.slice(0, spare)) joined.isolate(name);
    joined.propose('a', 'x');
    assert.equal(commitIndex(joined, 'a'), 2, `${size} without ${spare}`);
    const [one] = silent.slice(spare);
    if (one === undefined) continue;
    joined.isolate(one);
    joined.propose('a', 'y');
    assert.equal(commitIndex(joined, 'a'), 2, `${size} without ${spare + 1}`);
  }
});
