import assert from 'node:assert/strict';
import { test } from 'node:test';
import { term } from '../../src/ids.js';
import { CommitMeter } from '../../src/member/commit-meter.js';
import { set } from '../store/commands.js';
import { MemberRig } from './member-rig.js';

const counted = (meter: CommitMeter) => {
  const { counts, sum } = meter.describe();
  return { count: counts.reduce((all, one) => all + one, 0), sum };
};

test('a batch takes from the start of its write until its last entry is applied', () => {
  const meter = new CommitMeter();
  meter.written(3, 100);
  meter.written(5, 110);
  meter.applied(2, 120);
  assert.deepEqual(counted(meter), { count: 0, sum: 0 });
  meter.applied(4, 130);
  assert.deepEqual(counted(meter), { count: 1, sum: 30 });
  meter.applied(5, 150);
  assert.deepEqual(counted(meter), { count: 2, sum: 70 });
});

test('what another leader may replace is not measured', () => {
  const meter = new CommitMeter();
  meter.written(3, 100);
  meter.forget();
  meter.applied(3, 130);
  assert.deepEqual(counted(meter), { count: 0, sum: 0 });
});

test('a member measures its writes, its commits and its applies, and counts its campaign', async () => {
  const rig = await MemberRig.start();
  await rig.lead();
  const before = rig.member.measurements();
  assert.equal(before.campaigns, 1);
  const applied = rig.member.propose(set('/a', '1'), 10_000);
  await rig.work();
  assert.equal(rig.member.measurements().proposals.pending, 1);
  await rig.follow();
  await applied;
  const after = rig.member.measurements();
  for (const kind of ['sync', 'commit', 'apply'] as const) {
    assert.ok(total(after.durations[kind].counts) > total(before.durations[kind].counts), kind);
  }
  assert.equal(after.proposals.pending, 0);
  await rig.close();
});

test('what a follower hands to its leader is counted, and so is what nobody confirms', async () => {
  const rig = await MemberRig.start();
  await rig.followPeer(1);
  const before = rig.member.measurements().forwarded;
  const unconfirmed = rig.member.propose(set('/a', '1'), 100);
  const refused = assert.rejects(unconfirmed, { name: 'UnavailableError' });
  await rig.work();
  const { forwarded, proposals } = rig.member.measurements();
  assert.equal(forwarded.commandsSent, before.commandsSent + 1);
  assert.equal(proposals.failed, 0);
  await rig.pass(200);
  await refused;
  assert.equal(rig.member.measurements().proposals.failed, 1);
  await rig.close();
});

test('what peers hand to their leader is counted', async () => {
  const rig = await MemberRig.start();
  await rig.lead();
  const tag = { id: 1, boot: 1, term: term(rig.currentTerm) };
  rig.deliverRequests({ type: 'readIndex', ...tag });
  await rig.work();
  const { readsReceived, commandsReceived } = rig.member.measurements().forwarded;
  assert.deepEqual([readsReceived, commandsReceived], [1, 0]);
  await rig.close();
});

function total(counts: readonly number[]): number {
  return counts.reduce((all, one) => all + one, 0);
}
