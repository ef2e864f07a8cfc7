import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCommand } from '../../src/command/codec.js';
import { noFences } from '../../src/command/fence.js';
import { logIndex, memberId, term } from '../../src/ids.js';
import type { ForwardResponse } from '../../src/transport/transport.js';
import { settle } from '../support/settle.js';
import { MemberRig, peer } from './member-rig.js';

const origin = { memberId: peer, boot: 1, sequence: 1, settledBelow: 1 };
const command = encodeCommand(origin, { type: 'keepAlive' });
const write = {
  type: 'set',
  path: '/k',
  fences: noFences,
  value: 'v',
  dir: false,
  refresh: false,
  ttlMs: undefined,
} as const;
const stranger = memberId('3'.repeat(16));

/** A member that follows its peer in term 6, and what it has forwarded of one write. */
async function follower() {
  const rig = await MemberRig.open();
  await rig.followPeer(6);
  rig.forwarded = [];
  const applied = rig.member.propose(write, Number.POSITIVE_INFINITY);
  applied.catch(() => {});
  await rig.work();
  const [request] = rig.forwarded.splice(0);
  assert.ok(request !== undefined);
  const { id, boot } = request;
  return { rig, tag: { id, boot, term: term(6) } };
}

test('a command forwarded in the turn that wins an election is stamped by the new term', async () => {
  const rig = await MemberRig.open();
  await rig.lead();
  const led = rig.currentTerm;
  await rig.followPeer(led + 1);
  rig.clock.advance(60_000);
  rig.sent = [];
  await rig.campaign();
  rig.vote();
  const request = { id: 1, boot: 1, term: term(rig.currentTerm), command } as const;
  rig.deliverRequests({ type: 'propose', ...request });
  await rig.work();
  const stamps = rig.stamps();
  assert.ok(stamps.length > 0, 'the leader has appended a command');
  for (const { clusterTimeMs } of stamps) {
    assert.ok(clusterTimeMs < 5000, `the leaderless minute counts for nothing: ${clusterTimeMs}`);
  }
  await rig.close();
});

test('a late word that an earlier leader has accepted a command does not keep it from the present one', async () => {
  const { rig, tag } = await follower();
  await rig.followPeer(7);
  assert.deepEqual(
    rig.forwarded.filter(({ id }) => id === tag.id).map((request) => request.term),
    [7],
  );
  const late: readonly (readonly [ForwardResponse, typeof peer])[] = [
    [{ type: 'accepted', ...tag }, peer],
    [{ type: 'accepted', ...tag, term: term(7) }, stranger],
    [{ type: 'accepted', ...tag, term: term(7), boot: tag.boot - 1 }, peer],
  ];
  for (const [response, from] of late) {
    rig.forwarded = [];
    rig.deliverResponse(response, from);
    await rig.passTogether(600);
    assert.ok(
      rig.forwarded.some(({ id }) => id === tag.id),
      `asked again after ${JSON.stringify(response)} of ${from}`,
    );
  }
  await rig.close();
});

test('what the present leader has accepted it is asked for again, slowly, until its result is seen', async () => {
  const { rig, tag } = await follower();
  rig.deliverResponse({ type: 'accepted', ...tag });
  await rig.passTogether(1900);
  const asked = () => rig.forwarded.filter(({ id, type }) => type === 'propose' && id === tag.id);
  assert.equal(asked().length, 0);
  await rig.passTogether(200);
  assert.equal(asked().length, 1);
  rig.deliverResponse({ type: 'accepted', ...tag });
  await rig.passTogether(2100);
  assert.equal(asked().length, 2);
  await rig.close();
});

test('a read index that an earlier boot or an earlier leader was told serves no read', async () => {
  const { rig, tag } = await follower();
  let served = false;
  rig.member.readBarrier(Number.POSITIVE_INFINITY).then(
    () => {
      served = true;
    },
    () => {},
  );
  await rig.work();
  const read = rig.forwarded.find(({ type }) => type === 'readIndex');
  assert.ok(read !== undefined);
  const answer = { ...tag, type: 'readIndex', id: read.id, readIndex: logIndex(0) } as const;
  rig.deliverResponse({ ...answer, boot: tag.boot - 1 });
  rig.deliverResponse({ ...answer, term: term(5) });
  rig.deliverResponse(answer, stranger);
  await rig.work();
  assert.equal(served, false);
  rig.deliverResponse(answer);
  await rig.work();
  await settle();
  assert.equal(served, true);
  await rig.close();
});

test('an idle member says once that its results are settled, and is silent then', async () => {
  const rig = await MemberRig.open();
  await rig.lead();
  const { stateMachine, raft } = rig.member.inspect();
  const applied = rig.member.propose(write, 1000);
  await rig.follow();
  const { sequence } = await applied;
  const { memberId: own } = rig.member.status();
  const remembered = () => stateMachine.resultOf(own, rig.boot, sequence) !== undefined;
  await rig.passTogether(800);
  assert.equal(remembered(), true);
  await rig.passTogether(400);
  assert.equal(remembered(), false);
  const { lastIndex } = raft;
  await rig.passTogether(10_000);
  assert.equal(raft.lastIndex, lastIndex);
  await rig.close();
});

test('what a leader had in its log is asked for anew when it leads again, for it may have been overwritten', async () => {
  const rig = await MemberRig.open();
  await rig.lead();
  const { raft } = rig.member.inspect();
  const ask = async () => {
    const request = { id: 1, boot: 1, term: term(rig.currentTerm), command } as const;
    rig.deliverRequests({ type: 'propose', ...request });
    await rig.work();
  };
  await ask();
  const once = raft.lastIndex;
  await ask();
  assert.equal(raft.lastIndex, once);
  await rig.followPeer(rig.currentTerm + 1);
  await rig.campaign();
  rig.vote();
  await rig.work();
  const before = raft.lastIndex;
  await ask();
  assert.equal(raft.lastIndex, before + 1);
  await rig.close();
});
