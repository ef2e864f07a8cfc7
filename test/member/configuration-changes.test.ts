import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex, type MemberId, term } from '../../src/ids.js';
import { encodeConfiguration } from '../../src/raft/configuration.js';
import type { Configuration } from '../../src/raft/entry.js';
import type { Message } from '../../src/raft/messages.js';
import { settle } from '../support/settle.js';
import { MemberRig } from './member-rig.js';
import { otherPeer, peer, self } from './members.js';

const incarnation = 'f'.repeat(32);

async function ended<T>(outcome: Promise<T>): Promise<T | 'open'> {
  await settle();
  return await Promise.race([outcome, Promise.resolve('open' as const)]);
}

test('a change is told to be done once it is committed, with the new configuration', async () => {
  const rig = await MemberRig.start();
  await rig.lead();
  const outcome = rig.member.changeConfiguration({ type: 'addLearner', member: otherPeer });
  await rig.work();
  assert.equal(await ended(outcome), 'open');
  await rig.follow();
  const configuration = { voters: [self, peer], learners: [otherPeer] };
  assert.deepEqual(await ended(outcome), { ok: true, value: configuration });
  await rig.close();
});

test('a refusal is told at once, and says why', async () => {
  const rig = await MemberRig.start();
  const add = { type: 'addLearner', member: otherPeer } as const;
  const refused = (type: string) => ({ ok: false, error: { type } });
  assert.deepEqual(await rig.member.changeConfiguration(add), refused('notLeader'));
  await rig.lead();
  void rig.member.changeConfiguration(add);
  const second = await rig.member.changeConfiguration({ type: 'remove', member: peer });
  assert.deepEqual(second, refused('changeInProgress'));
  await rig.close();
});

test('a change that nobody confirms ends as not confirmed, for it may still take effect', async () => {
  const rig = await MemberRig.start();
  await rig.lead();
  const outcome = rig.member.changeConfiguration({ type: 'addLearner', member: otherPeer });
  await rig.pass(10_000);
  assert.deepEqual(await ended(outcome), { ok: false, error: { type: 'notConfirmed' } });
  await rig.close();
});

test('a member that stops confirms nothing more', async () => {
  const rig = await MemberRig.start();
  await rig.lead();
  const outcome = rig.member.changeConfiguration({ type: 'addLearner', member: otherPeer });
  await rig.close();
  assert.deepEqual(await ended(outcome), { ok: false, error: { type: 'notConfirmed' } });
});

test('a change that another leader replaces is lost, and the members are the earlier ones', async () => {
  const told: Configuration[] = [];
  const rig = await MemberRig.start({ onMembers: (configuration) => told.push(configuration) });
  await rig.lead();
  const outcome = rig.member.changeConfiguration({ type: 'addLearner', member: otherPeer });
  await rig.work();
  const { lastIndex } = rig.member.inspect().raft;
  const later = term(rig.currentTerm + 1);
  const prev = logIndex(lastIndex - 1);
  await rig.step(appendNoop(later, prev, rig.currentTerm));
  assert.deepEqual(await ended(outcome), { ok: false, error: { type: 'lost' } });
  const learners = told.map((configuration) => configuration.learners);
  assert.deepEqual(learners, [[], [otherPeer], []]);
  await rig.close();
});

test('whoever keeps the connections is told of the members before anything is sent to a new one', async () => {
  const story: string[] = [];
  const rig = new MemberRig({
    onMembers: ({ learners }) => story.push(`members with learners ${learners.join()}`),
    transport: {
      send: (to) => story.push(`to ${to}`),
      start: async () => void story.push('starts'),
    },
  });
  await rig.open();
  await rig.member.start().catch(() => {});
  assert.deepEqual(story.slice(0, 2), ['members with learners ', 'starts']);
  await rig.close();
});

test('a member that joins knows nobody, tells so, and learns the members by the log', async () => {
  const told: Configuration[] = [];
  const rig = await MemberRig.start({
    members: [],
    onMembers: (configuration) => told.push(configuration),
  });
  assert.deepEqual(told, []);
  const configuration = { voters: [peer], learners: [self] };
  await rig.step({
    ...appendNoop(term(1), logIndex(0), 0),
    entries: [
      {
        index: logIndex(1),
        term: term(1),
        type: 'configuration',
        data: encodeConfiguration(configuration),
      },
    ],
  });
  assert.deepEqual(told, [configuration]);
  await rig.close();
});

test('a member that was removed is refused once that is committed, and not before', async () => {
  const rig = await MemberRig.start({ members: [self, peer, otherPeer] });
  await rig.lead();
  const refusal = (memberId: MemberId) =>
    rig.handler.peerRefusal({
      formats: { lowest: 1, highest: 1 },
      clusterId: 'c'.repeat(16),
      memberId,
      incarnation,
    });
  void rig.member.changeConfiguration({ type: 'remove', member: otherPeer });
  await rig.work();
  assert.equal(refusal(otherPeer), undefined);
  await rig.follow();
  assert.equal(refusal(otherPeer), 'it was removed from this cluster');
  assert.equal(refusal(peer), undefined);
  await rig.close();
});

function appendNoop(
  inTerm: ReturnType<typeof term>,
  prevLogIndex: ReturnType<typeof logIndex>,
  prevTerm: number,
): Extract<Message, { type: 'AppendEntriesRequest' }> {
  const index = logIndex(prevLogIndex + 1);
  return {
    type: 'AppendEntriesRequest',
    from: peer,
    to: self,
    term: inTerm,
    prevLogIndex,
    prevLogTerm: term(prevTerm),
    leaderCommit: index,
    entries: [{ index, term: inTerm, type: 'noop', data: new Uint8Array(0) }],
  };
}
