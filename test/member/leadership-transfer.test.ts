import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberId, term } from '../../src/ids.js';
import { failure, ok } from '../../src/result.js';
import { MemberRig } from './member-rig.js';
import { peer, self } from './members.js';

const stranger = memberId('00000000000000ff');

test('a leader hands over to its peer, and tells when that leads', async () => {
  const rig = await MemberRig.start();
  await rig.lead();
  const transferred = rig.member.transferLeadership(peer);
  await rig.work();
  assert.ok(rig.sent.some(({ type, to }) => type === 'TimeoutNowRequest' && to === peer));
  await rig.followPeer(rig.currentTerm + 1);
  assert.deepEqual(await transferred, ok(peer));
  await rig.close();
});

test('a leader whose peer does not take over says so, and goes on', async () => {
  const rig = await MemberRig.start();
  await rig.lead();
  const transferred = rig.member.transferLeadership(undefined);
  await rig.passTogether(2000);
  assert.deepEqual(await transferred, failure('notTaken'));
  assert.equal(rig.member.status().role, 'leader');
  await rig.close();
});

test('a follower asks its leader, in the term that it knows', async () => {
  const rig = await MemberRig.start();
  await rig.followPeer(3);
  rig.forwarded = [];
  const transferred = rig.member.transferLeadership(self);
  await rig.work();
  const asked = rig.forwarded.filter(({ type }) => type === 'transferLeadership');
  assert.deepEqual(
    asked.map((request) => [request.term, 'to' in request && request.to]),
    [[3, self]],
  );
  await rig.passTogether(2000);
  assert.deepEqual(await transferred, failure('notTaken'));
  await rig.close();
});

test('a leader hands over when a peer forwards the wish, unless that is of another term', async () => {
  const rig = await MemberRig.start();
  await rig.lead();
  const sends = () => rig.sent.some(({ type }) => type === 'TimeoutNowRequest');
  const tag = { id: 1, boot: 1 };
  const wish = { type: 'transferLeadership', ...tag, to: peer } as const;
  rig.deliverRequests({ ...wish, term: term(rig.currentTerm - 1) });
  await rig.work();
  assert.equal(sends(), false);
  rig.deliverRequests({ ...wish, term: term(rig.currentTerm) });
  await rig.work();
  assert.equal(sends(), true);
  await rig.close();
});

test('what cannot be is refused at once', async () => {
  const rig = await MemberRig.start();
  assert.deepEqual(await rig.member.transferLeadership(peer), failure('noLeader'));
  await rig.lead();
  assert.deepEqual(await rig.member.transferLeadership(self), failure('leadsAlready'));
  assert.deepEqual(await rig.member.transferLeadership(stranger), failure('noTarget'));
  await rig.close();
});
