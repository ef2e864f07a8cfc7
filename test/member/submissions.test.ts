import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCommand } from '../../src/command/codec.js';
import { type LogIndex, logIndex, memberId } from '../../src/ids.js';
import { defaultLimits } from '../../src/member/options.js';
import { Submissions } from '../../src/member/submissions.js';
import { Raft } from '../../src/raft/raft.js';
import { MemoryDisk } from '../../src/storage/memory-disk.js';
import { completeAtOnce } from '../../src/storage/memory-queue.js';
import { MemoryStorage } from '../../src/storage/memory-storage.js';
import { StateMachine } from '../../src/store/state-machine.js';
import type { ForwardResponse } from '../../src/transport/transport.js';
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
      clock: new ManualClock(0),
      defer: unused,
      random: () => 0,
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      limits: defaultLimits,
      onFatal: unused,
    },
    raft,
    new StateMachine(),
  );
  const lastIndex = (): LogIndex => raft.softState().lastIndex;
  return { submissions, answers, lastIndex };
}

const origin = { memberId: peer, boot: 1, sequence: 1, settledBelow: 1 };

test('a leader puts what a peer forwards into its log, and says so', () => {
  const { submissions, answers, lastIndex } = setUp();
  const before = lastIndex();
  const command = encodeCommand(origin, { type: 'attend' });
  submissions.serve(peer, [{ type: 'propose', id: 7, command }]);
  assert.equal(lastIndex(), before + 1);
  assert.deepEqual(answers, [{ type: 'accepted', id: 7 }]);
});

test('a forwarded command that this release cannot read does not enter the log', () => {
  const { submissions, answers, lastIndex } = setUp();
  const before = lastIndex();
  const newer = encodeCommand(origin, { type: 'attend' }).slice();
  newer[0] = 255;
  const cut = encodeCommand(origin, { type: 'attend' }).slice(0, -1);
  submissions.serve(peer, [
    { type: 'propose', id: 1, command: newer },
    { type: 'propose', id: 2, command: cut },
    { type: 'propose', id: 3, command: encodeCommand(origin, { type: 'attend' }) },
  ]);
  assert.equal(lastIndex(), before + 1);
  assert.deepEqual(answers, [{ type: 'accepted', id: 3 }]);
});

test('a command that is under way is not put into the log again, however often it is forwarded', () => {
  const { submissions, answers, lastIndex } = setUp();
  const before = lastIndex();
  const command = encodeCommand(origin, { type: 'attend' });
  submissions.serve(peer, [{ type: 'propose', id: 1, command }]);
  submissions.serve(peer, [{ type: 'propose', id: 1, command }]);
  assert.equal(lastIndex(), before + 1);
  assert.deepEqual(answers, [
    { type: 'accepted', id: 1 },
    { type: 'accepted', id: 1 },
  ]);
});

test('a peer that has restarted counts from one again, and is not taken for its earlier self', () => {
  const { submissions, lastIndex } = setUp();
  const before = lastIndex();
  for (const boot of [1, 2]) {
    const command = encodeCommand({ ...origin, boot }, { type: 'attend' });
    submissions.serve(peer, [{ type: 'propose', id: 1, command }]);
  }
  assert.equal(lastIndex(), before + 2);
});

test('a command that was under way under another leader is put into the log again', () => {
  const { submissions, lastIndex } = setUp();
  const before = lastIndex();
  const command = encodeCommand(origin, { type: 'attend' });
  submissions.serve(peer, [{ type: 'propose', id: 1, command }]);
  submissions.onLeaderChange(undefined);
  submissions.serve(peer, [{ type: 'propose', id: 1, command }]);
  assert.equal(lastIndex(), before + 2);
});
