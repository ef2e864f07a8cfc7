import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex } from '../../src/ids.js';
import type { Logger } from '../../src/logger.js';
import type { MemberLimits } from '../../src/member/options.js';
import { set } from '../store/commands.js';
import { LogRecorder } from '../support/log-recorder.js';
import { silentLogger } from './member-options.js';
import { MemberRig } from './member-rig.js';
import { otherPeer, peer, self } from './members.js';

/** A snapshot is due every five entries, and nothing is kept behind it for its own sake. */
const limits = { snapshotCount: 5, trailingEntries: 0 };

/** A leader whose one peer acknowledges everything, so that what it is asked for is committed. */
class Leader extends MemberRig {
  static async elected(
    changes: Partial<MemberLimits> = {},
    logger: Logger = silentLogger,
  ): Promise<Leader> {
    const members = [self, peer, otherPeer];
    const leader = new Leader({ members, limits: { ...limits, ...changes }, logger });
    await leader.start();
    await leader.lead();
    return leader;
  }

  get firstIndex(): number {
    return this.member.inspect().raft.firstIndex;
  }

  async write(count: number): Promise<void> {
    for (let written = 0; written < count; written += 1) {
      const applied = this.member.propose(set(`/${written}`, 'x'.repeat(20)), 1000);
      await this.follow();
      await applied;
    }
  }

  /** So long that who says nothing counts as absent. */
  async idle(): Promise<void> {
    await this.passTogether(1200);
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

/** A leader that sends a snapshot to a follower that was absent, and what that needs behind it. */
async function sendingLeader(changes: Partial<MemberLimits> = {}, logger: Logger = silentLogger) {
  const leader = await Leader.elected(changes, logger);
  await leader.idle();
  await leader.write(12);
  await leader.hearOfOther(0);
  const [transfer] = leader.snapshots;
  assert.ok(transfer !== undefined && leader.snapshots.length === 1);
  return { leader, transfer, end: transfer.request.snapshot.lastIncludedIndex };
}

test('the log tells each snapshot that was taken and sent, up to which index', async () => {
  const logger = new LogRecorder();
  const { leader, transfer, end } = await sendingLeader({}, logger);
  transfer.arrive();
  await leader.work();
  const told = logger.takeLines().filter(({ message }) => message.startsWith('snapshot'));
  const [taken] = told;
  assert.equal(taken?.message, 'snapshot taken');
  assert.ok(Number(taken?.fields['bytes']) > 0);
  assert.deepEqual(told.at(-1), {
    level: 'info',
    message: 'snapshot sent',
    fields: { peer: otherPeer, index: end, tookMs: 0 },
  });
  await leader.close();
});

test('what was appended since a snapshot that travels stays, so one snapshot is enough', async () => {
  const { leader, transfer, end } = await sendingLeader();
  await leader.write(20);
  assert.ok(leader.firstIndex <= end + 1, `entries before ${leader.firstIndex} are gone`);
  transfer.arrive();
  await leader.work();
  leader.sent = [];
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
  await leader.work();
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
  await leader.work();
  await leader.hearOfOther(end);
  await leader.passTogether(100);
  assert.ok(leader.firstIndex <= end + 1);
  await leader.hearOfOther(leader.member.status().commitIndex);
  await leader.passTogether(100);
  const newest = leader.disk.snapshot?.metadata.lastIncludedIndex ?? 0;
  assert.equal(leader.firstIndex, newest + 1);
  assert.equal(leader.disk.entries[0]?.index, newest + 1);
});

test('what a follower held back goes when it is absent again', async () => {
  const { leader, transfer } = await sendingLeader();
  await leader.write(20);
  transfer.arrive();
  await leader.work();
  await leader.idle();
  const newest = leader.disk.snapshot?.metadata.lastIncludedIndex ?? 0;
  assert.equal(leader.firstIndex, newest + 1);
});
