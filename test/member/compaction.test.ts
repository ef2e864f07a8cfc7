import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex, type MemberId, term } from '../../src/ids.js';
import type { MemberLimits } from '../../src/member/options.js';
import type { Message } from '../../src/raft/messages.js';
import { set } from '../store/commands.js';
import { settle } from '../support/settle.js';
import { otherPeer, peer, self } from './snapshot-samples.js';
import { WholeMember } from './whole-member.js';

/** A snapshot is due every five entries, and nothing is kept behind it for its own sake. */
const limits = { snapshotCount: 5, trailingEntries: 0 };

/** A leader whose one peer acknowledges everything, so that what it is asked for is committed. */
class Leader extends WholeMember {
  static async elected(changes: Partial<MemberLimits> = {}): Promise<Leader> {
    const leader = await new Leader({ ...limits, ...changes }).start();
    while (leader.member.status().role !== 'leader') {
      await leader.tick();
      await leader.answerAll(peer);
    }
    await leader.answerAll(peer);
    return leader;
  }

  get firstIndex(): number {
    return this.member.inspect().raft.firstIndex;
  }

  /** The peer answers what it was sent, until nothing new comes. */
  async answerAll(from: MemberId): Promise<void> {
    for (;;) {
      const answers = this.sent.splice(0).flatMap((message) => answerOf(message, from));
      if (answers.length === 0) return;
      await this.step(...answers);
    }
  }

  async write(count: number): Promise<void> {
    for (let written = 0; written < count; written += 1) {
      const applied = this.member.propose(set(`/${written}`, 'x'.repeat(20)), 1000);
      await settle();
      await this.answerAll(peer);
      await applied;
    }
    await settle();
  }

  /** So long that who says nothing counts as absent. */
  async idle(): Promise<void> {
    for (let tick = 0; tick < 60; tick += 1) {
      await this.tick();
      await this.answerAll(peer);
    }
  }

  /** The other peer answers a heartbeat, and has the log up to there. */
  async hearOfOther(matchIndex: number): Promise<void> {
    const { currentTerm } = this.member.status();
    const common = { from: otherPeer, to: self, term: currentTerm };
    await this.step(
      { type: 'HeartbeatResponse', ...common, readRound: 0 },
      { type: 'InstallSnapshotResponse', ...common, matchIndex: logIndex(matchIndex) },
    );
  }
}

function answerOf(message: Message, from: MemberId): readonly Message[] {
  if (message.to !== from) return [];
  const common = { from, to: self, term: message.term };
  switch (message.type) {
    case 'PreVoteRequest':
      return [{ type: 'PreVoteResponse', ...common, voteGranted: true }];
    case 'RequestVoteRequest':
      return [{ type: 'RequestVoteResponse', ...common, voteGranted: true }];
    case 'HeartbeatRequest':
      return [{ type: 'HeartbeatResponse', ...common, readRound: message.readRound }];
    case 'AppendEntriesRequest': {
      const { prevLogIndex, entries } = message;
      const matchIndex = logIndex(prevLogIndex + entries.length);
      const none = { conflictTerm: term(0), conflictIndex: logIndex(0) };
      return [
        {
          type: 'AppendEntriesResponse',
          ...common,
          success: true,
          prevLogIndex,
          matchIndex,
          ...none,
        },
      ];
    }
    default:
      return [];
  }
}

/** A leader that sends a snapshot to a follower that was absent, and what that needs behind it. */
async function sendingLeader(changes: Partial<MemberLimits> = {}) {
  const leader = await Leader.elected(changes);
  await leader.idle();
  await leader.write(12);
  await leader.hearOfOther(0);
  const [transfer] = leader.snapshots;
  assert.ok(transfer !== undefined && leader.snapshots.length === 1);
  return { leader, transfer, end: transfer.request.snapshot.lastIncludedIndex };
}

test('what was appended since a snapshot that travels stays, so one snapshot is enough', async () => {
  const { leader, transfer, end } = await sendingLeader();
  await leader.write(20);
  assert.ok(leader.firstIndex <= end + 1, `entries before ${leader.firstIndex} are gone`);
  transfer.arrive();
  await settle();
  leader.sent.length = 0;
  await leader.hearOfOther(end);
  assert.equal(leader.snapshots.length, 1);
  const next = leader.sent.find(
    ({ type, to }) => type === 'AppendEntriesRequest' && to === otherPeer,
  );
  assert.ok(next?.type === 'AppendEntriesRequest');
  assert.equal(next.prevLogIndex, end);
  assert.equal(next.entries.at(-1)?.index, leader.member.status().commitIndex);
});

test('also what it still lacks when the transfer has ended stays', async () => {
  const { leader, transfer, end } = await sendingLeader();
  await leader.write(6);
  transfer.arrive();
  await settle();
  await leader.write(6);
  await leader.hearOfOther(end + 2);
  await leader.write(6);
  assert.ok(leader.firstIndex <= end + 3, `entries before ${leader.firstIndex} are gone`);
  assert.equal(leader.snapshots.length, 1);
});

test('for a follower that is too slow no more stays than the limit allows', async () => {
  const { leader, end } = await sendingLeader({ catchUpEntriesMax: 6 });
  await leader.write(20);
  const newest = leader.disk.snapshot?.metadata.lastIncludedIndex ?? 0;
  assert.ok(newest > end + 6);
  assert.equal(leader.firstIndex, newest + 1 - 6);
});

test('nor do those entries weigh more than their limit', async () => {
  const { leader, end } = await sendingLeader({ catchUpBytesMax: 100 });
  await leader.write(20);
  assert.ok(leader.firstIndex > end + 1);
});

test('what a follower held back goes once it has caught up', async () => {
  const { leader, transfer, end } = await sendingLeader();
  await leader.write(20);
  transfer.arrive();
  await settle();
  await leader.hearOfOther(end);
  await leader.tick();
  assert.ok(leader.firstIndex <= end + 1);
  await leader.hearOfOther(leader.member.status().commitIndex);
  await leader.tick();
  const newest = leader.disk.snapshot?.metadata.lastIncludedIndex ?? 0;
  assert.equal(leader.firstIndex, newest + 1);
  assert.equal(leader.disk.entries[0]?.index, newest + 1);
});

test('what a follower held back goes when it is absent again', async () => {
  const { leader, transfer } = await sendingLeader();
  await leader.write(20);
  transfer.arrive();
  await settle();
  await leader.idle();
  const newest = leader.disk.snapshot?.metadata.lastIncludedIndex ?? 0;
  assert.equal(leader.firstIndex, newest + 1);
});
