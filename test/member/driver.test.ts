import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionError } from '../../src/assert.js';
import { logIndex, type MemberId, term } from '../../src/ids.js';
import { Driver } from '../../src/member/driver.js';
import { defaultLimits, type MemberLimits } from '../../src/member/options.js';
import type { Entry } from '../../src/raft/entry.js';
import type { Message } from '../../src/raft/messages.js';
import type { Write } from '../../src/raft/ready.js';
import { set } from '../store/commands.js';
import { encodeCommand } from '../support/release-codec.js';
import { settle } from '../support/settle.js';
import { unusedTransport } from './member-options.js';
import { MemberRig } from './member-rig.js';
import { otherPeer, peer, self } from './members.js';
import { PartsRig } from './parts-rig.js';

interface Batch {
  readonly to: MemberId;
  readonly messages: readonly Message[];
}

/** A driver whose turns the test runs one by one. */
class DriverRig {
  readonly turns: (() => void)[] = [];
  readonly sent: Batch[] = [];
  readonly applied: Entry[] = [];
  readonly writes: Write[] = [];
  readonly fatal: Error[] = [];
  readonly parts: PartsRig;
  readonly driver: Driver;

  constructor(voters: readonly MemberId[], limits: Partial<MemberLimits> = {}) {
    this.parts = new PartsRig({
      initialConfiguration: { voters, learners: [] },
      limits: { ...defaultLimits, ...limits },
      transport: {
        ...unusedTransport,
        send: (to, messages) => this.sent.push({ to, messages }),
        forward: () => {},
        respond: () => {},
      },
      defer: (turn) => this.turns.push(turn),
      onFatal: (error) => this.fatal.push(error),
      onApplied: (entry) => this.applied.push(entry),
    });
    const { storage } = this.parts;
    const write = storage.write.bind(storage);
    storage.write = (given) => {
      this.writes.push(given);
      return write(given);
    };
    this.driver = new Driver(this.parts.options, this.parts.parts);
  }

  /** Alone in its cluster, so that it leads as soon as it has voted. */
  static async leader(limits: Partial<MemberLimits> = {}): Promise<DriverRig> {
    const rig = new DriverRig([self], limits);
    const { raft } = rig.parts.parts;
    while (raft.softState().role !== 'leader' || raft.hasReady()) {
      rig.driver.enqueue({ type: 'tick' });
      await rig.work();
    }
    rig.writes.length = 0;
    rig.applied.length = 0;
    return rig;
  }

  turn(): void {
    const turn = this.turns.shift();
    assert.ok(turn !== undefined, 'a turn is due');
    turn();
  }

  /** Until no turn is due, with all writes done. */
  async work(): Promise<void> {
    await settle();
    while (this.turns.length > 0) {
      this.turn();
      await settle();
    }
  }

  write(path: string): void {
    const { submissions } = this.parts.parts;
    submissions.propose(set(path, 'v'), Number.POSITIVE_INFINITY).catch(() => {});
    this.driver.wake();
  }

  hearFromLeader(inTerm: number): void {
    this.#hear({
      type: 'HeartbeatRequest',
      from: peer,
      to: self,
      term: term(inTerm),
      leaderCommit: logIndex(0),
      readRound: 0,
    });
  }

  /** The peer grants every vote that it was asked for. */
  grantVotes(): void {
    const granted = { from: peer, to: self, voteGranted: true };
    for (const request of this.sent.splice(0).flatMap(({ messages }) => messages)) {
      if (request.type === 'PreVoteRequest')
        this.#hear({ type: 'PreVoteResponse', ...granted, term: request.term });
      if (request.type === 'RequestVoteRequest')
        this.#hear({ type: 'RequestVoteResponse', ...granted, term: request.term });
    }
  }

  #hear(message: Message): void {
    this.driver.enqueue({ type: 'messages', messages: [message] });
  }

  get leaderId(): MemberId | undefined {
    return this.parts.parts.leadership.leader?.leaderId;
  }
}

test('what happens waits for its turn, and one turn handles all that has come by then', () => {
  const rig = new DriverRig([self, peer]);
  rig.hearFromLeader(6);
  rig.driver.wake();
  rig.driver.enqueue({ type: 'peerLost', peer: otherPeer });
  assert.equal(rig.turns.length, 1);
  assert.equal(rig.leaderId, undefined);
  rig.turn();
  assert.equal(rig.leaderId, peer);
  assert.equal(rig.turns.length, 0);
});

test('no turn waits for the disk: all that comes during a write becomes the next one', async () => {
  const rig = await DriverRig.leader();
  rig.write('/1');
  rig.turn();
  rig.write('/2');
  rig.turn();
  rig.write('/3');
  rig.turn();
  const sizes = () => rig.writes.map(({ entries }) => entries.length);
  assert.deepEqual(sizes(), [1]);
  await rig.work();
  assert.deepEqual(sizes(), [1, 2]);
  assert.equal(rig.applied.length, 3);
});

test('nothing is applied before the write that makes it durable has ended, which is an event of its own', async () => {
  const rig = await DriverRig.leader();
  rig.write('/1');
  rig.turn();
  assert.equal(rig.turns.length, 0);
  await settle();
  assert.equal(rig.turns.length, 1);
  assert.deepEqual(rig.applied, []);
  rig.turn();
  assert.equal(rig.applied.length, 1);
});

test('a leader sends what it appends while its own disk still writes it', async () => {
  const rig = new DriverRig([self, peer]);
  const { raft } = rig.parts.parts;
  while (raft.softState().role !== 'leader') {
    rig.driver.enqueue({ type: 'tick' });
    await rig.work();
    rig.grantVotes();
    if (rig.turns.length > 0) rig.turn();
  }
  assert.deepEqual(
    rig.sent.map(({ to, messages }) => [to, messages.map(({ type }) => type)]),
    [[peer, ['AppendEntriesRequest']]],
  );
  assert.equal(rig.parts.disk.entries.length, 0);
});

test('a turn ends after sixteen rounds, and the rest has a turn of its own', async () => {
  const rig = await DriverRig.leader({ committedBytesMax: 1 });
  for (let at = 0; at < 40; at += 1) rig.write(`/${at}`);
  rig.turn();
  await settle();
  const appliedIn = () => {
    const before = rig.applied.length;
    rig.turn();
    return rig.applied.length - before;
  };
  assert.deepEqual([appliedIn(), appliedIn(), appliedIn()], [16, 16, 8]);
  assert.equal(rig.turns.length, 0);
});

test('a write that fails ends the member: its reason is told once, and nothing is handled after it', async () => {
  const rig = await DriverRig.leader();
  rig.parts.disk.failNextWrite();
  rig.write('/1');
  await rig.work();
  assert.match(String(rig.fatal[0]), /the disk failed/);
  rig.write('/2');
  rig.driver.enqueue({ type: 'tick' });
  rig.driver.fail(new Error('another reason'));
  assert.equal(rig.turns.length, 0);
  assert.equal(rig.fatal.length, 1);
  assert.deepEqual(rig.applied, []);
});

test('a broken invariant ends the member at once', () => {
  const rig = new DriverRig([self, peer]);
  rig.driver.enqueue({ type: 'persisted', sequence: 99, installed: false });
  rig.hearFromLeader(6);
  rig.turn();
  assert.ok(rig.fatal[0] instanceof AssertionError);
  assert.equal(rig.leaderId, undefined);
});

test('a driver that has stopped drops what waits, also a turn that is due', async () => {
  const rig = await DriverRig.leader();
  rig.write('/1');
  rig.driver.stop();
  await rig.work();
  assert.deepEqual(rig.writes, []);
  assert.deepEqual(rig.fatal, []);
});

test('a lost connection to the leader is evidence that it is gone, one to another member is not', () => {
  const rig = new DriverRig([self, peer, otherPeer]);
  rig.hearFromLeader(6);
  rig.turn();
  rig.driver.enqueue({ type: 'peerLost', peer: otherPeer });
  rig.turn();
  assert.equal(rig.leaderId, peer);
  rig.driver.enqueue({ type: 'peerLost', peer });
  rig.turn();
  assert.equal(rig.leaderId, undefined);
});

test('a command forwarded in the turn that wins an election is stamped by the new term', async () => {
  const rig = await MemberRig.start();
  await rig.lead();
  const led = rig.currentTerm;
  await rig.followPeer(led + 1);
  rig.clock.standStill(60_000);
  rig.sent = [];
  await rig.campaign();
  rig.vote();
  const origin = { memberId: peer, boot: 1, sequence: 1, settledBelow: 1 };
  const command = encodeCommand(origin, { type: 'keepAlive' });
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
