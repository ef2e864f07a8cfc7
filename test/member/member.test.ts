import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releaseFormats } from '../../src/encoding/format-range.js';
import { logIndex, term } from '../../src/ids.js';
import { UnavailableError } from '../../src/member/coordinator.js';
import type { ForwardRequest } from '../../src/transport/transport.js';
import { register, set } from '../store/commands.js';
import { encodeCommand } from '../support/release-codec.js';
import { appendOf, MemberRig } from './member-rig.js';
import { peer, self } from './members.js';
import { announce, chunksOf, streamOf } from './snapshot-samples.js';

const write = set('/k', 'v');

const command = encodeCommand(undefined, write);

/** The errors of what was asked, once it has failed. */
function failuresOf(...asked: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  return Promise.all(
    asked.map((each) =>
      each.then(
        () => undefined,
        (error: unknown) => error,
      ),
    ),
  );
}

test('a member that is opened has the state of its newest snapshot, and says nothing before it starts', async () => {
  const earlier = await MemberRig.start();
  await earlier.handler.onSnapshot(announce(7), streamOf(chunksOf(7)));
  await earlier.work();
  earlier.disk.crash();
  const rig = new MemberRig({ disk: earlier.disk });
  const member = await rig.open();
  await rig.work();
  const read = member.state.keys.get('/k', { recursive: false, sorted: false, hidden: false });
  assert.ok(read.ok);
  assert.equal(read.value.node.value, '7');
  assert.equal(rig.clock.timerCount, 0);
  assert.deepEqual([rig.sent, rig.forwarded], [[], []]);
});

test('a member applies what it knows to be committed before it connects to its peers', async () => {
  const earlier = await MemberRig.start();
  await earlier.step(appendOf(0, command, command));
  await earlier.step(appendOf(2, command));
  earlier.disk.crash();
  let appliedBefore: number | undefined;
  const rig = new MemberRig({
    disk: earlier.disk,
    transport: {
      start: async () => {
        appliedBefore = rig.appliedIndex;
      },
    },
  });
  await rig.start();
  assert.equal(appliedBefore, 3);
});

test('a member that cannot bind its peer address does not start', async () => {
  const start = () => Promise.reject(new Error('the address is in use'));
  const rig = new MemberRig({ transport: { start } });
  const member = await rig.open();
  await assert.rejects(member.start(), /in use/);
  assert.equal(rig.clock.timerCount, 0);
});

test('a member makes itself known, and from then on its identity is bound to its disk', async () => {
  const rig = await MemberRig.start();
  await rig.lead();
  assert.deepEqual(
    rig.member.state.members.registered().map(({ memberId, name }) => [memberId, name]),
    [[self, 'one']],
  );
  const { identity } = rig.storage.start;
  const hello = { ...identity, formats: releaseFormats };
  assert.equal(rig.handler.peerRefusal(hello), undefined);
  assert.equal(rig.handler.peerRefusal({ ...hello, memberId: peer, incarnation: 'x' }), undefined);
  assert.match(
    rig.handler.peerRefusal({ ...hello, incarnation: 'x' }) ?? '',
    /its disk was replaced/,
  );
  await rig.close();
});

test('a member whose identity is bound to another disk stops', async () => {
  const rig = await MemberRig.start();
  await rig.followPeer(1);
  const own = rig.forwarded.find((request) => request.type === 'propose');
  assert.ok(own?.type === 'propose');
  const origin = { memberId: self, boot: 1, sequence: 99, settledBelow: 1 };
  const other = encodeCommand(origin, register('another-incarnation'));
  await assert.rejects(rig.step(appendOf(0, other, own.command)), /its disk was replaced/);
  assert.equal(rig.fatal.length, 1);
});

test('a member that closes fails what waits, and leaves no timer, no turn and no open disk', async () => {
  let closes = 0;
  const close = async () => {
    closes += 1;
  };
  const rig = await MemberRig.start({ transport: { close } });
  await rig.followPeer(6);
  const sent = rig.member.propose(write, 1000);
  await rig.work();
  const failures = failuresOf(sent, rig.member.propose(write, 1000), rig.member.readBarrier(1000));
  await rig.member.close();
  await rig.member.close();
  const outcomes = (await failures).map((error) => {
    assert.ok(error instanceof UnavailableError);
    return error.outcome;
  });
  assert.deepEqual(outcomes, ['unknown', 'none', 'none']);
  assert.equal(rig.clock.timerCount, 0);
  assert.equal(closes, 1);
  assert.equal(rig.disk.user, undefined);
  assert.deepEqual(await rig.step(appendOf(0, command)), []);
});

test('a member acknowledges nothing after its disk has failed', async () => {
  const rig = await MemberRig.start();
  await rig.followPeer(1);
  rig.sent = [];
  rig.disk.failNextWrite();
  await assert.rejects(rig.step(appendOf(0, command)), /the disk failed/);
  assert.deepEqual(rig.sent, []);
  await assert.rejects(rig.step(appendOf(0, command)), /the disk failed/);
  assert.deepEqual(rig.sent, []);
  assert.equal(rig.fatal.length, 1);
});

test('ticks keep their schedule: a late one does not delay the next, and missed ones are left out', async () => {
  const rig = await MemberRig.start();
  const { raft } = rig.member.inspect();
  const tick = raft.tick.bind(raft);
  let ticks = 0;
  raft.tick = () => {
    ticks += 1;
    tick();
  };
  const ticksAfter = async (ms: number) => {
    rig.clock.advance(ms);
    await rig.work();
    return ticks;
  };
  assert.equal(await ticksAfter(20), 1);
  rig.clock.standStill(50);
  assert.equal(await ticksAfter(0), 2);
  assert.equal(await ticksAfter(9), 2);
  assert.equal(await ticksAfter(1), 3);
  await rig.close();
});

/** A leader that is asked to hand over to its peer, which has all that it has. */
async function handingOver() {
  const rig = await MemberRig.start();
  await rig.lead();
  rig.sent = [];
  const handOver = { isOver: false };
  const done = rig.member.handOver().then(() => {
    handOver.isOver = true;
  });
  await rig.work();
  return { rig, handOver, done };
}

test('a leader hands over to its peer, and waits until that leads', async () => {
  const { rig, handOver, done } = await handingOver();
  assert.deepEqual(
    rig.sent.map(({ type, to }) => [type, to]),
    [['TimeoutNowRequest', peer]],
  );
  await rig.step({
    type: 'RequestVoteRequest',
    from: peer,
    to: self,
    term: term(rig.currentTerm + 1),
    lastLogIndex: logIndex(100),
    lastLogTerm: term(rig.currentTerm),
    leadershipTransfer: true,
  });
  assert.equal(rig.member.status().leaderId, undefined);
  assert.equal(handOver.isOver, false);
  await rig.followPeer(rig.currentTerm);
  await done;
  await rig.close();
});

test('a leader whose peer does not take over waits no longer than an election timeout', async () => {
  const { rig, handOver, done } = await handingOver();
  await rig.pass(980);
  assert.equal(handOver.isOver, false);
  await rig.pass(20);
  await done;
  await rig.close();
});

test('a leader that is closed while it hands over does not wait', async () => {
  const { rig, done } = await handingOver();
  await rig.close();
  await done;
  assert.equal(rig.clock.timerCount, 0);
});

test('a member that does not lead has nothing to hand over', async () => {
  const rig = await MemberRig.start();
  await rig.followPeer(6);
  const timers = rig.clock.timerCount;
  await rig.member.handOver();
  assert.equal(rig.clock.timerCount, timers);
  await rig.close();
});

test('an idle member says once that its results are settled, and is silent then', async () => {
  const rig = await MemberRig.start();
  await rig.lead();
  const { stateMachine, raft } = rig.member.inspect();
  const applied = rig.member.propose(write, 1000);
  await rig.follow();
  const { sequence } = await applied;
  const { boot } = rig.storage.start;
  const remembered = () => stateMachine.members.resultOf(self, boot, sequence) !== undefined;
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
  const rig = await MemberRig.start();
  await rig.lead();
  const { raft } = rig.member.inspect();
  const origin = { memberId: peer, boot: 1, sequence: 1, settledBelow: 1 };
  const forwarded = encodeCommand(origin, { type: 'keepAlive' });
  const ask = async () => {
    const tag = { id: 1, boot: 1, term: term(rig.currentTerm) };
    const request: ForwardRequest = { type: 'propose', ...tag, command: forwarded };
    rig.deliverRequests(request);
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
