import assert from 'node:assert/strict';
import type { Stamp } from '../../src/command/envelope.js';
import { logIndex, type MemberId, term } from '../../src/ids.js';
import type { Logger } from '../../src/logger.js';
import { Member } from '../../src/member/member.js';
import { defaultLimits, type MemberLimits } from '../../src/member/options.js';
import type { Configuration } from '../../src/raft/entry.js';
import type { InstallSnapshotRequest, Message } from '../../src/raft/messages.js';
import type {
  ForwardRequest,
  ForwardResponse,
  Transport,
  TransportHandler,
} from '../../src/transport/transport.js';
import { ManualClock } from '../support/manual-clock.js';
import { MemoryDisk } from '../support/memory-disk.js';
import type { MemoryStepKind } from '../support/memory-queue.js';
import type { MemoryStorage } from '../support/memory-storage.js';
import { decodeEnvelope, encodeEnvelope } from '../support/release-codec.js';
import { settle } from '../support/settle.js';
import { memberOptions, openStorage, silentLogger } from './member-options.js';
import { peer, self } from './members.js';

export interface RigOptions {
  readonly members?: readonly MemberId[];
  /** In place of the members. */
  readonly configuration?: Configuration;
  /** Those who answer when the peer follows. */
  readonly follows?: readonly MemberId[];
  readonly onRemoved?: () => void;
  readonly limits?: Partial<MemberLimits>;
  readonly disk?: MemoryDisk;
  readonly transport?: Partial<Transport>;
  readonly logger?: Logger;
  readonly onApplied?: () => void;
  readonly onMembers?: (configuration: Configuration) => void;
}

/** A snapshot that the member sends, and how the test says that it has arrived. */
export interface SentSnapshot {
  readonly request: InstallSnapshotRequest;
  readonly arrive: () => void;
}

/**
 * One real member, in a time that the test moves, on a disk whose steps it may hold back. The test
 * plays its peers: `peer` answers what it is sent where a method says so.
 */
export class MemberRig {
  readonly clock = new ManualClock(0);
  readonly disk: MemoryDisk;
  readonly storage: MemoryStorage;
  sent: Message[] = [];
  forwarded: ForwardRequest[] = [];
  answers: ForwardResponse[] = [];
  readonly snapshots: SentSnapshot[] = [];
  readonly fatal: Error[] = [];
  readonly #options: RigOptions;
  readonly #turns: (() => void)[] = [];
  readonly #held = new Set<MemoryStepKind>();
  readonly #steps: (() => void)[] = [];
  #handler: TransportHandler | undefined;
  #member: Member | undefined;

  static start(options: RigOptions = {}): Promise<MemberRig> {
    return new MemberRig(options).start();
  }

  constructor(options: RigOptions = {}) {
    this.#options = options;
    this.disk = options.disk ?? new MemoryDisk(() => 0.9);
    this.storage = openStorage(this.disk, (complete, kind) => {
      if (this.#held.has(kind)) this.#steps.push(complete);
      else queueMicrotask(complete);
    });
  }

  async open(): Promise<Member> {
    const { members = [self, peer], limits = {}, logger = silentLogger } = this.#options;
    const { onApplied, onMembers, onRemoved } = this.#options;
    const { configuration = { voters: members, learners: [] } } = this.#options;
    this.#member = await Member.open(
      memberOptions({
        initialConfiguration: configuration,
        storage: this.storage,
        transport: this.#transport(),
        clock: this.clock,
        logger,
        ...(onApplied === undefined ? {} : { onApplied }),
        ...(onMembers === undefined ? {} : { onMembers }),
        ...(onRemoved === undefined ? {} : { onRemoved }),
        defer: (turn) => this.#turns.push(turn),
        limits: { ...defaultLimits, ...limits },
        onFatal: (error) => this.fatal.push(error),
      }),
    );
    return this.#member;
  }

  async start(): Promise<this> {
    const member = await this.open();
    await member.start();
    await this.work();
    return this;
  }

  get member(): Member {
    assert.ok(this.#member !== undefined, 'the member is open');
    return this.#member;
  }

  get handler(): TransportHandler {
    assert.ok(this.#handler !== undefined, 'the member has started');
    return this.#handler;
  }

  get currentTerm(): number {
    return this.member.status().currentTerm;
  }

  get appliedIndex(): number {
    return this.member.status().appliedIndex;
  }

  #transport(): Transport {
    return {
      start: async (handler) => {
        this.#handler = handler;
      },
      send: (_to, messages) => this.sent.push(...messages),
      forward: (_to, requests) => this.forwarded.push(...requests),
      respond: (_to, responses) => this.answers.push(...responses),
      sendSnapshot: (request) =>
        new Promise((resolve) => this.snapshots.push({ request, arrive: () => resolve() })),
      contacts: () => new Map(),
      traffic: () => new Map(),
      close: async () => {},
      ...this.#options.transport,
    };
  }

  /** From now on such steps of the disk wait. */
  hold(kind: MemoryStepKind): void {
    this.#held.add(kind);
  }

  /** All steps end, those that waited too. */
  async release(): Promise<void> {
    this.#held.clear();
    for (const complete of this.#steps.splice(0)) complete();
    await this.work();
  }

  /** Delivers without a turn: what is delivered next meets the member in the same one. */
  deliver(...messages: Message[]): void {
    for (const message of messages) this.handler.onMessages(message.from, [message]);
  }

  deliverRequests(...requests: ForwardRequest[]): void {
    this.handler.onForwardRequests(peer, requests);
  }

  /** Lets the member work until it has nothing more to do. */
  async work(): Promise<void> {
    for (let idle = 0; idle < 3; ) {
      const turn = this.#turns.shift();
      idle = turn === undefined ? idle + 1 : 0;
      turn?.();
      await settle();
    }
    if (this.fatal[0] !== undefined) throw this.fatal[0];
  }

  /** Messages arrive; returns what the member has sent by the time that it is at rest again. */
  async step(...messages: Message[]): Promise<readonly Message[]> {
    const before = this.sent.length;
    this.deliver(...messages);
    await this.work();
    return this.sent.slice(before);
  }

  /** So much time, in which the peer is the follower, or the leader, that it was. */
  async passTogether(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += defaultLimits.heartbeatIntervalMs) {
      await this.pass(defaultLimits.heartbeatIntervalMs);
      if (this.member.status().role === 'leader') await this.follow();
      else await this.followPeer(this.currentTerm);
    }
  }

  /** So much time, tick by tick. The peers are silent. */
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
      const { follows = [peer] } = this.#options;
      const answers = this.sent.flatMap((message) => answerTo(message, follows));
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
        if (type === 'PreVoteRequest') this.#vote('PreVoteResponse', wanted);
      }
      this.sent = this.sent.filter(({ type }) => type === 'RequestVoteRequest');
      await this.work();
    }
    this.sent = [];
  }

  vote(): void {
    this.#vote('RequestVoteResponse', this.currentTerm);
  }

  #vote(type: 'PreVoteResponse' | 'RequestVoteResponse', inTerm: number): void {
    this.deliver({ type, from: peer, to: self, term: term(inTerm), voteGranted: true });
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

/**
 * Entries of term 1 behind `after`, as the peer sends them when it leads; all of them are
 * committed.
 */
export function appendOf(after: number, ...commands: readonly Uint8Array[]): Message {
  return {
    type: 'AppendEntriesRequest',
    from: peer,
    to: self,
    term: term(1),
    prevLogIndex: logIndex(after),
    prevLogTerm: term(after === 0 ? 0 : 1),
    leaderCommit: logIndex(after + commands.length),
    entries: commands.map((command, position) => ({
      index: logIndex(after + 1 + position),
      term: term(1),
      type: 'command',
      data: encodeEnvelope({ clusterTimeMs: 0, appliedIndex: 0 }, command),
    })),
  };
}

function answerTo(message: Message, follows: readonly MemberId[]): readonly Message[] {
  if (!follows.includes(message.to)) return [];
  const addressed = { from: message.to, to: self, term: message.term };
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
