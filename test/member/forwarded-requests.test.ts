import assert from 'node:assert/strict';
import { test } from 'node:test';
import { term } from '../../src/ids.js';
import type { ForwardTag } from '../../src/transport/transport.js';
import { encodeCommand } from '../support/release-codec.js';
import { peer } from './members.js';
import { PartsRig } from './parts-rig.js';

/** The election of the tests is the first. */
function tag(id: number, boot = 1, inTerm = 1): ForwardTag {
  return { id, boot, term: term(inTerm) };
}

const origin = { memberId: peer, boot: 1, sequence: 1, settledBelow: 1 };
const command = encodeCommand(origin, { type: 'keepAlive' });

/** A leader that serves its peer, and how many entries it has appended since it was elected. */
function setUp() {
  const rig = PartsRig.elected();
  rig.persist();
  const before = rig.lastIndex;
  const { forwardedRequests, submissions, raft } = rig.parts;
  const appended = () => rig.lastIndex - before;
  return { rig, forwardedRequests, submissions, raft, answers: rig.answers, appended };
}

test('a leader puts what a peer forwards into its log, and says so', () => {
  const { forwardedRequests, answers, appended } = setUp();
  forwardedRequests.serve(peer, [{ type: 'propose', ...tag(7), command }]);
  assert.equal(appended(), 1);
  assert.deepEqual(answers, [{ type: 'accepted', ...tag(7) }]);
});

test('a forwarded command that this release cannot read does not enter the log', () => {
  const { forwardedRequests, answers, appended } = setUp();
  const newer = Uint8Array.from(command);
  newer[0] = 255;
  forwardedRequests.serve(peer, [
    { type: 'propose', ...tag(1), command: newer },
    { type: 'propose', ...tag(2), command: command.slice(0, -1) },
    { type: 'propose', ...tag(3), command },
  ]);
  assert.equal(appended(), 1);
  assert.deepEqual(answers, [{ type: 'accepted', ...tag(3) }]);
});

test('a command that is in flight is not put into the log again, however often it is forwarded', () => {
  const { forwardedRequests, answers, appended } = setUp();
  forwardedRequests.serve(peer, [{ type: 'propose', ...tag(1), command }]);
  forwardedRequests.serve(peer, [{ type: 'propose', ...tag(1), command }]);
  assert.equal(appended(), 1);
  assert.deepEqual(answers, [
    { type: 'accepted', ...tag(1) },
    { type: 'accepted', ...tag(1) },
  ]);
});

test('a peer that has restarted counts from one again, and is not taken for its earlier self', () => {
  const { forwardedRequests, appended } = setUp();
  for (const boot of [1, 2]) {
    const again = encodeCommand({ ...origin, boot }, { type: 'keepAlive' });
    forwardedRequests.serve(peer, [{ type: 'propose', ...tag(1), command: again }]);
  }
  assert.equal(appended(), 2);
});

test('a command that was in flight under another leader is put into the log again', () => {
  const { rig, forwardedRequests, appended } = setUp();
  forwardedRequests.serve(peer, [{ type: 'propose', ...tag(1), command }]);
  rig.observe({ role: 'follower', leaderId: undefined });
  rig.observe();
  forwardedRequests.serve(peer, [{ type: 'propose', ...tag(1), command }]);
  assert.equal(appended(), 2);
});

test('a leader answers for no term but its own', () => {
  const { forwardedRequests, answers, appended } = setUp();
  forwardedRequests.serve(peer, [{ type: 'propose', ...tag(1, 1, 2), command }]);
  assert.equal(appended(), 0);
  assert.deepEqual(answers, [{ type: 'notLeader', ...tag(1, 1, 2) }]);
});

test('a command that the leader has applied is not put into the log again for a peer that is behind', () => {
  const { rig, forwardedRequests, answers, appended } = setUp();
  forwardedRequests.serve(peer, [{ type: 'propose', ...tag(1), command }]);
  rig.apply(origin, { type: 'keepAlive' });
  forwardedRequests.onApplied(origin);
  forwardedRequests.serve(peer, [{ type: 'propose', ...tag(1), command }]);
  assert.equal(appended(), 1);
  assert.deepEqual(answers.at(-1), { type: 'accepted', ...tag(1) });
});

test('a peer is told the read index that the core has found for it, under its own tag', () => {
  const { forwardedRequests, raft, answers } = setUp();
  forwardedRequests.serve(peer, [{ type: 'readIndex', ...tag(5, 3) }]);
  assert.deepEqual(answers, []);
  const { readStates } = raft.ready();
  assert.deepEqual(
    readStates.map((readState) => forwardedRequests.onReadState(readState)),
    [true],
  );
  assert.deepEqual(answers, [{ type: 'readIndex', ...tag(5, 3), readIndex: 1 }]);
});

test('a read of this member is not taken for one of a peer', () => {
  const { forwardedRequests, submissions, raft, answers } = setUp();
  submissions.readBarrier(1000).catch(() => {});
  submissions.submit();
  forwardedRequests.serve(peer, [{ type: 'readIndex', ...tag(1) }]);
  const { readStates } = raft.ready();
  assert.deepEqual(
    readStates.map((readState) => forwardedRequests.onReadState(readState)),
    [false, true],
  );
  assert.equal(answers.length, 1);
  submissions.close();
});

test('a read that a peer asks of another term is not put to the core', () => {
  const { forwardedRequests, raft, answers } = setUp();
  forwardedRequests.serve(peer, [{ type: 'readIndex', ...tag(1, 1, 2) }]);
  assert.equal(raft.hasReady(), false);
  assert.deepEqual(answers, []);
});

test('a read index of an earlier term is told to nobody', () => {
  const { rig, forwardedRequests, raft, answers } = setUp();
  forwardedRequests.serve(peer, [{ type: 'readIndex', ...tag(1) }]);
  rig.observe({ role: 'follower', leaderId: undefined });
  for (const readState of raft.ready().readStates) {
    assert.equal(forwardedRequests.onReadState(readState), false);
  }
  assert.deepEqual(answers, []);
});
