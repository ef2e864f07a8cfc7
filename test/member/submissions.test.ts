import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionError } from '../../src/assert.js';
import { encodeCommand, encodeEnvelope } from '../../src/command/codec.js';
import { noFences } from '../../src/command/fence.js';
import { type LogIndex, logIndex, memberId, term } from '../../src/ids.js';
import { defaultLimits } from '../../src/member/options.js';
import { Submissions } from '../../src/member/submissions.js';
import { Raft } from '../../src/raft/raft.js';
import { MemoryDisk } from '../../src/storage/memory-disk.js';
import { completeAtOnce } from '../../src/storage/memory-queue.js';
import { MemoryStorage } from '../../src/storage/memory-storage.js';
import { StateMachine } from '../../src/store/state-machine.js';
import type { ForwardResponse, ForwardTag } from '../../src/transport/transport.js';
import { ManualClock } from './manual-clock.js';

const self = memberId('1'.repeat(16));
const peer = memberId('2'.repeat(16));

function leadingRaft(storage: MemoryStorage): Raft {
  const raft = new Raft({
    ...defaultLimits,
    id: self,
    configuration: { voters: [self], learners: [] },
    hardState: storage.start.hardState,
    snapshot: undefined,
    entries: [],
    lastApplied: logIndex(0),
    electionTimeoutTicks: 10,
    heartbeatIntervalTicks: 1,
    random: () => 0,
  });
  while (raft.softState().role !== 'leader') {
    raft.tick();
    while (raft.hasReady()) {
      const { write } = raft.ready();
      if (write !== undefined) raft.persisted(write.sequence);
    }
  }
  return raft;
}

/** A leader's submissions, and what they answer to their peer. */
function setUp() {
  const disk = new MemoryDisk(() => 0.5);
  const clusterId = 'c'.repeat(16);
  const storage = MemoryStorage.open({
    disk,
    clusterId,
    memberId: self,
    schedule: completeAtOnce,
  });
  const raft = leadingRaft(storage);
  const clock = new ManualClock(0);
  const stateMachine = new StateMachine();
  const answers: ForwardResponse[] = [];
  const unused = () => assert.fail('no part of this test');
  const submissions = new Submissions(
    {
      name: 'one',
      initialMembers: [self],
      peerUrls: [],
      clientUrls: [],
      version: '0',
      storage,
      transport: {
        start: unused,
        send: unused,
        forward: unused,
        respond: (_to, responses) => answers.push(...responses),
        sendSnapshot: unused,
        close: unused,
      },
      clock,
      defer: unused,
      random: () => 0,
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      limits: defaultLimits,
      onFatal: unused,
    },
    raft,
    stateMachine,
  );
  const { currentTerm } = raft.softState();
  const leader = { leaderId: self, term: currentTerm, isSelf: true };
  submissions.onLeaderChange(leader);
  const lastIndex = (): LogIndex => raft.softState().lastIndex;
  return { submissions, answers, lastIndex, clock, raft, stateMachine, leader };
}

/** The election of the tests is the first. */
function tag(id: number, boot = 1, inTerm = 1): ForwardTag {
  return { id, boot, term: term(inTerm) };
}

const origin = { memberId: peer, boot: 1, sequence: 1, settledBelow: 1 };

test('a leader puts what a peer forwards into its log, and says so', () => {
  const { submissions, answers, lastIndex } = setUp();
  const before = lastIndex();
  const command = encodeCommand(origin, { type: 'keepAlive' });
  submissions.serve(peer, [{ type: 'propose', ...tag(7), command }]);
  assert.equal(lastIndex(), before + 1);
  assert.deepEqual(answers, [{ type: 'accepted', ...tag(7) }]);
});

test('a forwarded command that this release cannot read does not enter the log', () => {
  const { submissions, answers, lastIndex } = setUp();
  const before = lastIndex();
  const newer = encodeCommand(origin, { type: 'keepAlive' }).slice();
  newer[0] = 255;
  const cut = encodeCommand(origin, { type: 'keepAlive' }).slice(0, -1);
  submissions.serve(peer, [
    { type: 'propose', ...tag(1), command: newer },
    { type: 'propose', ...tag(2), command: cut },
    { type: 'propose', ...tag(3), command: encodeCommand(origin, { type: 'keepAlive' }) },
  ]);
  assert.equal(lastIndex(), before + 1);
  assert.deepEqual(answers, [{ type: 'accepted', ...tag(3) }]);
});

test('a command that is in flight is not put into the log again, however often it is forwarded', () => {
  const { submissions, answers, lastIndex } = setUp();
  const before = lastIndex();
  const command = encodeCommand(origin, { type: 'keepAlive' });
  submissions.serve(peer, [{ type: 'propose', ...tag(1), command }]);
  submissions.serve(peer, [{ type: 'propose', ...tag(1), command }]);
  assert.equal(lastIndex(), before + 1);
  assert.deepEqual(answers, [
    { type: 'accepted', ...tag(1) },
    { type: 'accepted', ...tag(1) },
  ]);
});

test('a peer that has restarted counts from one again, and is not taken for its earlier self', () => {
  const { submissions, lastIndex } = setUp();
  const before = lastIndex();
  for (const boot of [1, 2]) {
    const command = encodeCommand({ ...origin, boot }, { type: 'keepAlive' });
    submissions.serve(peer, [{ type: 'propose', ...tag(1), command }]);
  }
  assert.equal(lastIndex(), before + 2);
});

test('a command that was in flight under another leader is put into the log again', () => {
  const { submissions, lastIndex, leader } = setUp();
  const before = lastIndex();
  const command = encodeCommand(origin, { type: 'keepAlive' });
  submissions.serve(peer, [{ type: 'propose', ...tag(1), command }]);
  submissions.onLeaderChange(undefined);
  submissions.onLeaderChange(leader);
  submissions.serve(peer, [{ type: 'propose', ...tag(1), command }]);
  assert.equal(lastIndex(), before + 2);
});

test('a leader answers for no term but its own', () => {
  const { submissions, answers, lastIndex } = setUp();
  const before = lastIndex();
  const command = encodeCommand(origin, { type: 'keepAlive' });
  submissions.serve(peer, [{ type: 'propose', ...tag(1, 1, 2), command }]);
  assert.equal(lastIndex(), before);
  assert.deepEqual(answers, [{ type: 'notLeader', ...tag(1, 1, 2) }]);
});

test('a command that the leader has applied is not put into the log again for a peer that is behind', () => {
  const { submissions, answers, lastIndex, stateMachine } = setUp();
  const command = encodeCommand(origin, { type: 'keepAlive' });
  submissions.serve(peer, [{ type: 'propose', ...tag(1), command }]);
  const data = encodeEnvelope({ clusterTimeMs: 0, appliedIndex: 0 }, command);
  const entry = { index: logIndex(1), term: term(1), type: 'command', data } as const;
  const outcome = stateMachine.apply(entry, 0);
  assert.ok(outcome !== undefined);
  submissions.onApplied(outcome);
  const before = lastIndex();
  submissions.serve(peer, [{ type: 'propose', ...tag(1), command }]);
  assert.equal(lastIndex(), before);
  assert.deepEqual(answers.at(-1), { type: 'accepted', ...tag(1) });
});

test('nothing is stamped in a term for which the clock was not set', () => {
  const { submissions, leader } = setUp();
  submissions.onLeaderChange({ ...leader, term: term(0) });
  const command = encodeCommand(origin, { type: 'keepAlive' });
  const serve = () => submissions.serve(peer, [{ type: 'propose', ...tag(1, 1, 0), command }]);
  assert.throws(serve, AssertionError);
});

test('a leader ends TTLs only once it has applied the first entry of its own term', () => {
  const { submissions, stateMachine, clock, raft, lastIndex } = setUp();
  const key = { type: 'set', path: '/k', fences: noFences, value: '', dir: false } as const;
  const set = encodeCommand(origin, { ...key, refresh: false, ttlMs: 1000 });
  const data = encodeEnvelope({ clusterTimeMs: 0, appliedIndex: 0 }, set);
  stateMachine.apply({ index: logIndex(1), term: term(1), type: 'command', data }, clock.now());
  clock.advance(5000);
  const before = lastIndex();
  submissions.onNoopApplied(term(0), raft.softState());
  submissions.tick();
  assert.equal(lastIndex(), before);
  submissions.onNoopApplied(term(1), raft.softState());
  submissions.tick();
  assert.equal(lastIndex(), before + 1);
});
