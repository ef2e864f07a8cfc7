import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex, term } from '../../src/ids.js';
import { foundingConfiguration } from '../../src/member/membership.js';
import { defaultLimits } from '../../src/member/options.js';
import type { ForwardedMembersChange } from '../../src/transport/transport.js';
import type { MembersChange } from '../../src/view/members-change.js';
import { settle } from '../support/settle.js';
import { MemberRig } from './member-rig.js';
import { otherPeer, peer, self } from './members.js';

const newcomer = {
  memberId: otherPeer,
  name: 'n3',
  peerUrls: ['http://10.0.0.3:7001'],
  staysLearner: false,
};
const add: MembersChange = { type: 'add', member: newcomer };
const founding = foundingConfiguration([
  { memberId: self, name: 'n1', peerUrls: ['http://10.0.0.1:7001'] },
  { memberId: peer, name: 'n2', peerUrls: ['http://10.0.0.2:7001'] },
]);
const three = foundingConfiguration([
  { memberId: self, name: 'n1', peerUrls: ['http://10.0.0.1:7001'] },
  { memberId: peer, name: 'n2', peerUrls: ['http://10.0.0.2:7001'] },
  { memberId: otherPeer, name: 'n3', peerUrls: ['http://10.0.0.3:7001'] },
]);

async function ended<T>(outcome: Promise<T>): Promise<T | 'open'> {
  await settle();
  return await Promise.race([outcome, Promise.resolve('open' as const)]);
}

function askedIn(rig: MemberRig): readonly ForwardedMembersChange[] {
  return rig.forwarded.filter((each) => each.type === 'changeMembers');
}

test('a leader puts the addresses that the cluster began with into the log, once', async () => {
  const rig = await MemberRig.start({ configuration: founding });
  await rig.lead();
  const { raft } = rig.member.inspect();
  assert.equal(raft.configurationIndex, 0);
  await rig.passTogether(200);
  const { configurationIndex } = raft;
  assert.ok(configurationIndex > 0);
  await rig.passTogether(500);
  assert.equal(raft.configurationIndex, configurationIndex);
  assert.deepEqual(
    rig.member.members().map(({ name }) => name),
    ['n1', 'n2'],
  );
  await rig.close();
});

test('a leader makes the change, and tells that it is done once it is committed', async () => {
  const rig = await MemberRig.start({ configuration: founding });
  await rig.lead();
  await rig.passTogether(200);
  const outcome = rig.member.changeMembers(add, 5000);
  await rig.work();
  assert.equal(await ended(outcome), 'open');
  assert.equal(rig.member.members().length, 2, 'as it is committed');
  await rig.follow();
  assert.deepEqual(await ended(outcome), { ok: true, value: undefined });
  assert.deepEqual(rig.member.members()[2], { ...newcomer, isLearner: true });
  await rig.close();
});

test('a follower asks its leader, and passes the answer on', async () => {
  const rig = await MemberRig.start({ configuration: founding });
  await rig.followPeer(1);
  const outcome = rig.member.changeMembers(add, 5000);
  await rig.work();
  const [asked] = askedIn(rig);
  assert.ok(asked !== undefined);
  assert.deepEqual(asked.change, add);
  const { id, boot } = asked;
  const refusal = { reason: 'unsafe', missing: [otherPeer] } as const;
  const answer = { type: 'membersChanged', id, boot, term: term(1), refusal } as const;
  rig.handler.onForwardResponses(otherPeer, [answer]);
  await rig.work();
  assert.equal(await ended(outcome), 'open', 'only the leader decides');
  rig.handler.onForwardResponses(peer, [answer]);
  await rig.work();
  assert.deepEqual(await ended(outcome), { ok: false, error: refusal });
  await rig.close();
});

test('a leader answers a follower that asks, and who does not lead says so', async () => {
  const rig = await MemberRig.start({ configuration: founding });
  const request = { type: 'changeMembers', id: 7, boot: 3, change: add } as const;
  rig.deliverRequests({ ...request, term: term(1) });
  await rig.work();
  assert.deepEqual(rig.answers.at(-1), {
    ...{ type: 'membersChanged', id: 7, boot: 3, term: 1 },
    refusal: { reason: 'noLeader', missing: [] },
  });
  await rig.lead();
  await rig.passTogether(200);
  rig.deliverRequests({ ...request, term: term(rig.currentTerm) });
  await rig.follow();
  await settle();
  const answer = rig.answers.at(-1);
  assert.ok(answer?.type === 'membersChanged');
  assert.equal(answer.refusal, undefined);
  await rig.close();
});

test('a change is asked again while nobody can make it, and nothing has changed when time is over', async () => {
  const rig = await MemberRig.start({ configuration: founding });
  const outcome = rig.member.changeMembers(add, 2000);
  await rig.pass(1000);
  assert.equal(await ended(outcome), 'open');
  await rig.pass(1100);
  const refusal = { reason: 'noLeader', missing: [] };
  assert.deepEqual(await ended(outcome), { ok: false, error: refusal });
  await rig.close();
});

test('a change that an earlier leader has made is not made twice, and counts as done', async () => {
  const rig = await MemberRig.start({ configuration: founding });
  await rig.followPeer(1);
  const outcome = rig.member.changeMembers(add, 5000);
  await rig.work();
  await rig.followPeer(2);
  await rig.pass(200);
  const [first, second] = askedIn(rig);
  assert.ok(first !== undefined && second !== undefined, 'the new leader is asked');
  const refusal = { reason: 'exists', missing: [] } as const;
  const { id, boot } = second;
  rig.handler.onForwardResponses(peer, [
    { type: 'membersChanged', id, boot, term: term(2), refusal },
  ]);
  await rig.work();
  assert.deepEqual(await ended(outcome), { ok: true, value: undefined });
  await rig.close();
});

test('whether it was made is unknown when no answer came in time', async () => {
  const rig = await MemberRig.start({ configuration: founding });
  await rig.followPeer(1);
  const outcome = rig.member.changeMembers(add, 1000);
  await rig.passTogether(1200);
  const refusal = { reason: 'notConfirmed', missing: [] };
  assert.deepEqual(await ended(outcome), { ok: false, error: refusal });
  await rig.close();
});

test('a leader that is to be removed hands over first', async () => {
  const rig = await MemberRig.start({ configuration: founding });
  await rig.lead();
  await rig.passTogether(200);
  const outcome = rig.member.changeMembers({ type: 'remove', memberId: self }, 5000);
  await rig.work();
  assert.ok(rig.sent.some(({ type }) => type === 'TimeoutNowRequest'));
  await rig.followPeer(rig.currentTerm + 1);
  await rig.pass(defaultLimits.tickMs * 10);
  assert.deepEqual(askedIn(rig)[0]?.change, { type: 'remove', memberId: self });
  await rig.close();
  assert.equal((await outcome).ok, false);
});

test('a leader whose removal would be refused leads on, and says who is missing', async () => {
  const rig = await MemberRig.start({ configuration: three });
  await rig.lead();
  await rig.passTogether(3 * defaultLimits.electionTimeoutMs);
  const outcome = rig.member.changeMembers({ type: 'remove', memberId: self }, 5000);
  await rig.work();
  const error = { reason: 'unsafe', missing: [otherPeer] };
  assert.deepEqual(await ended(outcome), { ok: false, error });
  assert.ok(rig.sent.every(({ type }) => type !== 'TimeoutNowRequest'));
  assert.equal(rig.member.status().role, 'leader');
  await rig.close();
});

test('a change that is asked for again is not told as done before it is committed', async () => {
  const rig = await MemberRig.start({ configuration: founding });
  await rig.lead();
  await rig.passTogether(200);
  const first = rig.member.changeMembers(add, 200);
  await rig.pass(300);
  const refusal = { reason: 'notConfirmed', missing: [] };
  assert.deepEqual(await ended(first), { ok: false, error: refusal });
  const { raft } = rig.member.inspect();
  assert.ok(raft.configurationIndex > raft.softState().commitIndex, 'it is in the log');
  const second = rig.member.changeMembers(add, 5000);
  await rig.work();
  assert.equal(await ended(second), 'open', 'it may still be taken back');
  await rig.follow();
  await rig.pass(200);
  const exists = { reason: 'exists', missing: [] };
  assert.deepEqual(await ended(second), { ok: false, error: exists });
  await rig.close();
});

test('a learner is promoted by itself once it has caught up, unless it stays one', async () => {
  for (const staysLearner of [false, true]) {
    const rig = await MemberRig.start({ configuration: founding, follows: [peer, otherPeer] });
    await rig.lead();
    await rig.passTogether(200);
    const member = { ...newcomer, staysLearner };
    const outcome = rig.member.changeMembers({ type: 'add', member }, 5000);
    await rig.follow();
    assert.deepEqual(await outcome, { ok: true, value: undefined });
    await rig.passTogether(3 * defaultLimits.electionTimeoutMs);
    const found = rig.member.members().find(({ memberId }) => memberId === otherPeer);
    assert.equal(found?.isLearner, staysLearner);
    await rig.close();
  }
});

test('a member learns of its removal by its own log, and by a peer that refuses it', async () => {
  let told = 0;
  const onRemoved = () => {
    told += 1;
  };
  const rig = await MemberRig.start({ configuration: founding, onRemoved });
  await rig.lead();
  await rig.passTogether(200);
  const { raft } = rig.member.inspect();
  void rig.member.changeConfiguration({ type: 'remove', member: self });
  await rig.work();
  assert.equal(told, 0, 'it may be taken back');
  await rig.follow();
  assert.ok(raft.committedConfiguration.removed?.includes(self));
  assert.ok(told > 0);
  await rig.close();

  const other = await MemberRig.start({ configuration: founding, onRemoved });
  const before = told;
  other.handler.onRefused(peer, { by: 'peer', reason: 'no' });
  other.handler.onRefused(peer, { by: 'self', reason: 'no', isRemoval: true });
  assert.equal(told, before);
  other.handler.onRefused(peer, { by: 'peer', reason: 'no', isRemoval: true });
  assert.equal(told, before + 1);
  assert.equal(other.member.inspect().raft.lastIndex, logIndex(0));
  await other.close();
});
