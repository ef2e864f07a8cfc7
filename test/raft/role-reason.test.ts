import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  acknowledgement,
  answers,
  heartbeat,
  leader,
  memberWith,
  timeoutNow,
  voteResponse,
} from './build.js';
import type { Peer } from './peer.js';

function tick(peer: Peer, ticks: number): void {
  for (let count = 0; count < ticks; count += 1) peer.raft.tick();
}

function roleAndReason({ raft }: Peer): readonly string[] {
  return [raft.softState().role, raft.roleReason];
}

test('a member knows why it has its role', () => {
  const peer = memberWith([1]);
  assert.deepEqual(roleAndReason(peer), ['follower', 'started']);
  answers(peer, heartbeat(1, 0));
  assert.deepEqual(roleAndReason(peer), ['follower', 'leaderHeard']);
  tick(peer, 10);
  assert.deepEqual(roleAndReason(peer), ['preCandidate', 'electionTimeout']);
  answers(peer, voteResponse('PreVoteResponse', 'b', 2, true));
  assert.deepEqual(roleAndReason(peer), ['candidate', 'preVoteWon']);
  answers(peer, voteResponse('RequestVoteResponse', 'b', 2, true));
  assert.deepEqual(roleAndReason(peer), ['leader', 'elected']);
  answers(peer, heartbeat(3, 0));
  assert.deepEqual(roleAndReason(peer), ['follower', 'leaderHeard']);
  answers(peer, timeoutNow(3));
  assert.deepEqual(roleAndReason(peer), ['candidate', 'leadershipTransfer']);
  answers(peer, voteResponse('RequestVoteResponse', 'b', 4, false));
  answers(peer, voteResponse('RequestVoteResponse', 'c', 4, false));
  assert.deepEqual(roleAndReason(peer), ['follower', 'electionLost']);
});

test('a later term, silence and a stalled disk are told apart as reasons to step down', () => {
  const outvoted = leader();
  answers(outvoted, voteResponse('RequestVoteResponse', 'b', 5, false));
  assert.deepEqual(roleAndReason(outvoted), ['follower', 'laterTerm']);
  const alone = leader();
  tick(alone, 12);
  assert.equal(alone.raft.roleReason, 'quorumSilent');
  const stalled = leader();
  stalled.slow = true;
  stalled.raft.propose([new Uint8Array(1)]);
  stalled.pump();
  tick(stalled, 5);
  answers(stalled, acknowledgement('b', 2, 1), acknowledgement('c', 2, 1));
  tick(stalled, 6);
  assert.equal(stalled.raft.roleReason, 'writeStalled');
});
