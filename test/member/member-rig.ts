import assert from 'node:assert/strict';
import { decodeEnvelope } from '../../src/command/codec.js';
import type { Stamp } from '../../src/command/envelope.js';
import { logIndex, type MemberId, memberId, term } from '../../src/ids.js';
import type { Clock } from '../../src/member/clock.js';
import { Member } from '../../src/member/member.js';
import { defaultLimits } from '../../src/member/options.js';
import type { Message } from '../../src/raft/messages.js';
import { MemoryDisk } from '../../src/storage/memory-disk.js';
import { completeAtOnce } from '../../src/storage/memory-queue.js';
import { MemoryStorage } from '../../src/storage/memory-storage.js';
import type {
  ForwardRequest,
  ForwardResponse,
  TransportHandler,
} from '../../src/transport/transport.js';
import { settle } from '../support/settle.js';

export const self = memberId('1'.repeat(16));
export const peer = memberId('2'.repeat(16));

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
}

class RigClock implements Clock {
  timers: Timer[] = [];
  #now = 0;

  now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { dueAt: this.#now + delayMs, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.timers.filter(({ dueAt }) => dueAt <= this.#now);
    this.timers = this.timers.filter(({ dueAt }) => dueAt > this.#now);
    for (const { run } of due) run();
  }
}

/** One real member of a cluster of two, in a time that the test moves. The test plays its peer. */
export class MemberRig {
  readonly member: Member;
  readonly clock: RigClock;
  readonly boot: number;
  sent: Message[] = [];
  forwarded: ForwardRequest[] = [];
  answers: ForwardResponse[] = [];
  fatal: Error | undefined;
  readonly #handler: TransportHandler;
  readonly #turns: (() => void)[];

  static async open(): Promise<MemberRig> {
    const clock = new RigClock();
    const turns: (() => void)[] = [];
    const storage = MemoryStorage.open({
      disk: new MemoryDisk(() => 0.5),
      clusterId: 'c'.repeat(16),
      memberId: self,
      schedule: completeAtOnce,
    });
    let rig: MemberRig | undefined;
    let handler: TransportHandler | undefined;
    const member = await Member.open({
      name: 'one',
      initialMembers: [self, peer],
      peerUrls: [],
      clientUrls: [],
      version: '0',
      storage,
      transport: {
        start: (given) => {
          handler = given;
          return Promise.resolve();
        },
        send: (_to, messages) => rig?.sent.push(...messages),
        forward: (_to, requests) => rig?.forwarded.push(...requests),
        respond: (_to, responses) => rig?.answers.push(...responses),
        sendSnapshot: () => assert.fail('no part of these tests'),
        close: () => Promise.resolve(),
      },
      clock,
      defer: (turn) => turns.push(turn),
      random: () => 0,
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      limits: defaultLimits,
      onFatal: (error) => {
        if (rig !== undefined) rig.fatal = error;
      },
    });
    await member.start();
    assert.ok(handler !== undefined);
    rig = new MemberRig(member, clock, storage.start.boot, handler, turns);
    return rig;
  }

  private constructor(
    member: Member,
    clock: RigClock,
    boot: number,
    handler: TransportHandler,
    turns: (() => void)[],
  ) {
    this.member = member;
    this.clock = clock;
    this.boot = boot;
    this.#handler = handler;
    this.#turns = turns;
  }

  get currentTerm(): number {
    return this.member.status().currentTerm;
  }

  /** Delivers without a turn: what is delivered next meets the member in the same one. */
  deliver(...messages: Message[]): void {
    this.#handler.onMessages(peer, messages);
  }

  deliverRequests(...requests: ForwardRequest[]): void {
    this.#handler.onForwardRequests(peer, requests);
  }

  deliverResponse(response: ForwardResponse, from: MemberId = peer): void {
    this.#handler.onForwardResponses(from, [response]);
  }

  /** Lets the member work until it has nothing more to do. */
  async work(): Promise<void> {
    for (let idle = 0; idle < 3; ) {
      const turn = this.#turns.shift();
      idle = turn === undefined ? idle + 1 : 0;
      turn?.();
      await settle();
    }
    if (this.fatal !== undefined) throw this.fatal;
  }

  /** So much time, in which the peer is the follower, or the leader, that it was. */
  async passTogether(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += defaultLimits.heartbeatIntervalMs) {
      await this.pass(defaultLimits.heartbeatIntervalMs);
      if (this.member.status().role === 'leader') await this.follow();
      else await this.followPeer(this.currentTerm);
    }
  }

  /** So much time, tick by tick. The peer is silent. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += defaultLimits.tickMs) {
      this.clock.advance(defaultLimits.tickMs);
      await this.work();
    }
  }

  /** The peer follows: it confirms all that it was sent and has not confirmed yet. */
  async follow(): Promise<void> {
    await this.work();
    while (this.sent.length > 0) {
      const answers = this.sent.flatMap(answerTo);
      this.sent = [];
      this.deliver(...answers);
      await this.work();
    }
  }

  /** Until the member asks for the peer's vote. */
  async campaign(): Promise<void> {
    while (!this.sent.some(({ type }) => type === 'RequestVoteRequest')) {
      await this.pass(defaultLimits.tickMs);
      for (const { type, term: wanted } of this.sent) {
        if (type !== 'PreVoteRequest') continue;
        this.deliver({
          type: 'PreVoteResponse',
          from: peer,
          to: self,
          term: wanted,
          voteGranted: true,
        });
      }
      this.sent = this.sent.filter(({ type }) => type === 'RequestVoteRequest');
      await this.work();
    }
    this.sent = [];
  }

  vote(): void {
    const voteGranted = true;
    const currentTerm = term(this.currentTerm);
    this.deliver({
      type: 'RequestVoteResponse',
      from: peer,
      to: self,
      term: currentTerm,
      voteGranted,
    });
  }

  async lead(): Promise<void> {
    await this.campaign();
    this.vote();
    await this.follow();
    assert.equal(this.member.status().role, 'leader');
  }

  /** The peer leads in that term. */
  async followPeer(inTerm: number): Promise<void> {
    this.deliver({
      type: 'HeartbeatRequest',
      from: peer,
      to: self,
      term: term(inTerm),
      leaderCommit: logIndex(0),
      readRound: 0,
    });
    await this.work();
    assert.equal(this.member.status().leaderId, peer);
  }

  /** What the leader put on the commands that it has sent to its peer. */
  stamps(): readonly Stamp[] {
    return this.sent.flatMap((message) =>
      message.type === 'AppendEntriesRequest'
        ? message.entries
            .filter(({ type }) => type === 'command')
            .map(({ data }) => decodeEnvelope(data).stamp)
        : [],
    );
  }

  async close(): Promise<void> {
    await this.member.close();
  }
}

function answerTo(message: Message): readonly Message[] {
  const addressed = { from: peer, to: self, term: message.term };
  switch (message.type) {
    case 'AppendEntriesRequest': {
      const { prevLogIndex, entries } = message;
      const matchIndex = logIndex(prevLogIndex + entries.length);
      const success = { success: true, conflictTerm: term(0), conflictIndex: logIndex(0) };
      return [
        { type: 'AppendEntriesResponse', ...addressed, ...success, prevLogIndex, matchIndex },
      ];
    }
    case 'HeartbeatRequest':
      return [{ type: 'HeartbeatResponse', ...addressed, readRound: message.readRound }];
    default:
      return [];
  }
}
