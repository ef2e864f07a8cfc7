import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex, type MemberId, term } from '../../src/ids.js';
import { RoleLog } from '../../src/member/role-log.js';
import type { Role, RoleReason, SoftState } from '../../src/raft/ready.js';
import { LogRecorder } from '../support/log-recorder.js';
import { MemberRig } from './member-rig.js';
import { otherPeer, peer, self } from './members.js';

function soft(role: Role, inTerm: number, leaderId?: MemberId): SoftState {
  return {
    role,
    currentTerm: term(inTerm),
    leaderId,
    commitIndex: logIndex(0),
    lastIndex: logIndex(0),
  };
}

class Rig {
  readonly logger = new LogRecorder();
  readonly log = new RoleLog(this.logger);

  /** What the log tells of it, as "level message: reason". */
  observe(state: SoftState, reason: RoleReason, leaderIsGone = false): readonly string[] {
    this.log.observe(state, reason, leaderIsGone);
    return this.logger
      .takeLines()
      .map(({ level, message, fields }) => `${level} ${message}: ${fields['reason'] ?? ''}`);
  }
}

test('each change of role is one line with its reason', () => {
  const rig = new Rig();
  assert.deepEqual(rig.observe(soft('follower', 0), 'started'), []);
  assert.deepEqual(rig.observe(soft('preCandidate', 0), 'electionTimeout'), [
    'info became pre-candidate: no leader is heard',
  ]);
  assert.deepEqual(rig.observe(soft('candidate', 1), 'preVoteWon'), [
    'info became candidate: a majority would vote for it',
  ]);
  assert.deepEqual(rig.observe(soft('leader', 1, self), 'elected'), [
    'info became leader: a majority voted for it',
  ]);
  assert.deepEqual(rig.observe(soft('leader', 1, self), 'elected'), [], 'nothing is told twice');
  for (const [reason, sentence] of [
    ['quorumSilent', 'no majority has answered for an election timeout'],
    ['writeStalled', 'the disk has been busy with one write for an election timeout'],
    ['laterTerm', 'a message of a later term came'],
  ] as const) {
    assert.deepEqual(rig.observe(soft('follower', 2), reason), [`warn stepped down: ${sentence}`]);
    rig.observe(soft('leader', 2, self), 'elected');
  }
});

test('a leader that steps down while it stops is no warning', () => {
  const rig = new Rig();
  rig.observe(soft('leader', 1, self), 'elected');
  rig.log.stopping();
  assert.deepEqual(rig.observe(soft('follower', 2, peer), 'laterTerm'), [
    'info stepped down: a message of a later term came',
    'info follows a leader: ',
  ]);
});

test('a leader that is found, replaced or lost is one line with its id and the reason', () => {
  const rig = new Rig();
  rig.log.observe(soft('follower', 1, peer), 'leaderHeard', false);
  assert.deepEqual(rig.logger.takeLines(), [
    { level: 'info', message: 'follows a leader', fields: { leader: peer, term: 1 } },
  ]);
  const goneReason = 'info leader lost: its connection ended';
  assert.deepEqual(rig.observe(soft('follower', 1), 'leaderHeard', true), [goneReason]);
  rig.observe(soft('follower', 2, otherPeer), 'leaderHeard');
  assert.deepEqual(rig.observe(soft('follower', 3), 'laterTerm'), [
    'info leader lost: a message of a later term came',
  ]);
  rig.observe(soft('follower', 3, peer), 'leaderHeard');
  assert.deepEqual(rig.observe(soft('preCandidate', 3), 'electionTimeout'), [
    'info leader lost: no leader is heard',
    'info became pre-candidate: no leader is heard',
  ]);
});

test('a member that is cut off tells of its first campaign only, and of the others at debug', () => {
  const rig = new Rig();
  rig.observe(soft('preCandidate', 1), 'electionTimeout');
  rig.observe(soft('follower', 2), 'laterTerm');
  assert.deepEqual(rig.observe(soft('preCandidate', 2), 'electionTimeout'), [
    'debug became pre-candidate: no leader is heard',
  ]);
  rig.observe(soft('follower', 2, peer), 'leaderHeard');
  const [, again] = rig.observe(soft('preCandidate', 2), 'electionTimeout');
  assert.equal(again, 'info became pre-candidate: no leader is heard');
});

test('a running member tells the votes at debug, and why it leads and steps down', async () => {
  const logger = new LogRecorder();
  const rig = await MemberRig.start({ logger });
  await rig.lead();
  const lines = logger.takeLines();
  const messages = lines.map(({ message }) => message);
  for (const expected of [
    'replayed its snapshot and its log',
    'sent PreVoteRequest',
    'received RequestVoteResponse',
    'became leader',
  ]) {
    assert.ok(messages.includes(expected), `${expected} in ${messages.join(', ')}`);
  }
  assert.ok(!messages.some((message) => /Heartbeat|AppendEntries/.test(message)));
  await rig.pass(1_100);
  const down = logger.takeLines().find(({ message }) => message === 'stepped down');
  assert.equal(down?.fields['reason'], 'no majority has answered for an election timeout');
  await rig.close();
});
