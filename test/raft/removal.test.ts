import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../../src/raft/messages.js';
import type { Cluster } from './cluster.js';
import { cluster, commitIndex, inUse, role } from './membership.js';
import { id, nameOf } from './peer.js';

function missing(joined: Cluster, leader: string, member: string): readonly string[] {
  const begun = joined
    .peer(leader)
    .raft.changeConfiguration({ type: 'remove', member: id(member) });
  assert.ok(!begun.ok && begun.error.type === 'unsafe', 'it is refused as unsafe');
  return begun.error.missing.map(nameOf);
}

// Reference: pitfall R60; thesis, section 4.2.2.

test('a leader that removes itself leads on without counting itself, and goes once it is committed', () => {
  const joined = cluster(['a', 'b', 'c', 'd']);
  joined.isolate('d');
  joined.isolate('c');
  assert.equal(joined.begin('a', 'remove', 'a'), 'ok');
  joined.settle();
  assert.equal(role(joined, 'a'), 'leader', 'b alone is one of three');
  assert.equal(commitIndex(joined, 'a'), 1);
  joined.heal();
  const told: Message[] = [];
  joined.onSend = (message) => told.push(message);
  joined.pass(3);
  assert.equal(role(joined, 'a'), 'follower');
  assert.equal(commitIndex(joined, 'a'), 2);
  const kinds = told.filter(({ from }) => from === id('a')).map(({ type }) => type);
  assert.ok(kinds.includes('CommitNotice') && kinds.includes('TimeoutNowRequest'), 'it says so');
  const leaders = ['b', 'c', 'd'].filter((name) => role(joined, name) === 'leader');
  assert.equal(leaders.length, 1, 'and another leads without a wait');
});

test('the removal of a leader is not committed by itself and half of the others', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.isolate('c');
  assert.equal(joined.change('a', 'remove', 'a'), 'ok');
  assert.equal(joined.peer('b').raft.lastIndex, 2);
  assert.deepEqual([role(joined, 'a'), commitIndex(joined, 'a')], ['leader', 1]);
});

test('a leader tells why it went when nobody takes over at once', () => {
  const joined = cluster(['a', 'b']);
  joined.begin('a', 'remove', 'a');
  joined.pump();
  for (let left = 20; left > 0 && role(joined, 'a') === 'leader'; left -= 1) joined.deliverNext();
  assert.equal(joined.peer('a').raft.roleReason, 'removed');
});

test('two become one, be it the leader that goes or the other', () => {
  const joined = cluster(['a', 'b']);
  assert.equal(joined.change('a', 'remove', 'b'), 'ok');
  joined.isolate('b');
  joined.propose('a', 'x');
  assert.equal(commitIndex(joined, 'a'), 3);
  const other = cluster(['a', 'b']);
  assert.equal(other.change('a', 'remove', 'a'), 'ok');
  other.isolate('a');
  other.pass(10);
  assert.equal(role(other, 'b'), 'leader');
  other.propose('b', 'x');
  assert.equal(commitIndex(other, 'b'), other.peer('b').raft.lastIndex);
});

test('whoever alone has its own removal in its log campaigns still, or nobody could lead', () => {
  const joined = cluster(['a', 'b']);
  joined.isolate('a');
  assert.equal(joined.begin('a', 'remove', 'a'), 'ok');
  joined.pump();
  joined.pass(11);
  assert.notEqual(role(joined, 'a'), 'leader');
  joined.heal();
  joined.pass(60);
  assert.equal(role(joined, 'b'), 'leader');
  assert.equal(inUse(joined, 'b'), 'b||a');
  assert.equal(commitIndex(joined, 'b'), joined.peer('b').raft.lastIndex);
});

test('commits are counted again when there are fewer voters', () => {
  const joined = cluster(['a', 'b', 'c', 'd']);
  joined.cut('c', 'a');
  joined.cut('d', 'a');
  joined.propose('a', 'x');
  assert.equal(commitIndex(joined, 'a'), 1, 'two of four');
  assert.equal(joined.begin('a', 'remove', 'd'), 'ok');
  assert.equal(commitIndex(joined, 'a'), 2, 'two of three');
});

// Reference: pitfall R61.

test('a removed member hears of it, and is sent nothing more three election timeouts later', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.change('a', 'remove', 'c');
  assert.equal(inUse(joined, 'c'), 'ab||c');
  joined.pass(3);
  assert.equal(commitIndex(joined, 'c'), commitIndex(joined, 'a'), 'it knows that it is final');
  assert.deepEqual(
    joined
      .peer('a')
      .raft.peers()
      .map((peer) => nameOf(peer.id)),
    ['b', 'c'],
  );
  joined.pass(31);
  assert.deepEqual(
    joined
      .peer('a')
      .raft.peers()
      .map((peer) => nameOf(peer.id)),
    ['b'],
  );
  for (let tick = 0; tick < 100; tick += 1) joined.peer('c').raft.tick();
  assert.equal(role(joined, 'c'), 'follower', 'it never campaigns');
});

test('a removed member that never heard of it disturbs nobody', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.isolate('c');
  joined.change('a', 'remove', 'c');
  joined.heal();
  joined.cut('a', 'c');
  const { currentTerm } = joined.peer('a').raft.softState();
  joined.pass(100);
  assert.equal(role(joined, 'c'), 'preCandidate');
  assert.deepEqual(
    [role(joined, 'a'), joined.peer('a').raft.softState().currentTerm],
    ['leader', currentTerm],
  );
});

test('the answers of a removed member count for nothing', () => {
  const joined = cluster(['a', 'b', 'c', 'd']);
  joined.change('a', 'remove', 'd');
  joined.isolate('b');
  joined.isolate('c');
  joined.propose('a', 'x');
  const committed = joined.peer('a').raft.lastIndex - 1;
  assert.equal(commitIndex(joined, 'a'), committed);
  joined.pass(10);
  assert.equal(role(joined, 'a'), 'follower', 'd alone keeps no leader in office');
});

test('no snapshot is sent to whoever goes', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.isolate('c');
  joined.propose('a', 'x');
  joined.peer('a').compact(0);
  joined.change('a', 'remove', 'c');
  const sent: Message[] = [];
  joined.onSend = (message) => sent.push(message);
  joined.heal();
  joined.pass(9);
  assert.ok(!sent.some(({ type }) => type === 'InstallSnapshotRequest'));
});

test('the id of a removed member is refused by every later leader, also after a snapshot', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.change('a', 'remove', 'c');
  joined.pass(3);
  joined.peer('b').compact(0);
  joined.peer('b').restart();
  joined.pass(3);
  joined.peer('a').raft.transferLeadership(id('b'));
  joined.settle();
  assert.equal(joined.begin('b', 'addLearner', 'c'), 'removed');
});

// Reference: pitfall R63.

test('a voter whose connection has just ended is not counted on when another one is to go', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.pass(11);
  joined.peer('a').raft.reportUnreachable(id('c'));
  assert.deepEqual(missing(joined, 'a', 'b'), ['c']);
  joined.pass(3);
  assert.equal(joined.begin('a', 'remove', 'b'), 'ok', 'it has answered since');
});

test('a new leader counts on nobody whom it has not heard, and first gives all the time to answer', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.isolate('c');
  joined.peer('a').raft.transferLeadership(id('b'));
  joined.settle();
  assert.equal(role(joined, 'b'), 'leader');
  joined.pass(1);
  assert.equal(joined.begin('b', 'remove', 'a'), 'notReady', 'c may only be slow');
  assert.equal(joined.begin('b', 'remove', 'c'), 'ok', 'a has answered, and that is enough');

  const other = cluster(['a', 'b', 'c']);
  other.isolate('c');
  other.peer('a').raft.transferLeadership(id('b'));
  other.settle();
  other.pass(11);
  assert.deepEqual(missing(other, 'b', 'a'), ['c']);
  other.heal();
  other.pass(3);
  assert.equal(other.begin('b', 'remove', 'a'), 'ok');
});

test('a removal that leaves too few who answer is refused, and says who does not', () => {
  const joined = cluster(['a', 'b', 'c']);
  joined.isolate('c');
  joined.pass(11);
  assert.deepEqual(missing(joined, 'a', 'b'), ['c']);
  assert.deepEqual(missing(joined, 'a', 'a'), ['c']);
  assert.equal(joined.change('a', 'remove', 'c'), 'ok', 'the one that is gone may go');
  assert.equal(inUse(joined, 'a'), 'ab||c');
});
