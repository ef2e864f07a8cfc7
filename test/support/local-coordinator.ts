import { BackupWriter } from '../../src/backup/backup-writer.js';
import type { Command } from '../../src/command/command.js';
import type { Origin } from '../../src/command/envelope.js';
import { releaseFormats } from '../../src/encoding/format-range.js';
import { Histogram } from '../../src/histogram.js';
import { logIndex, type MemberId, memberId, term } from '../../src/ids.js';
import type { Clock } from '../../src/member/clock.js';
import {
  type Applied,
  type ClientCommand,
  type Coordinator,
  type ProposeOptions,
  type TransferRefusal,
  UnavailableError,
} from '../../src/member/coordinator.js';
import type { Measurements } from '../../src/member/measurements.js';
import { ownStatus } from '../../src/member/own-status.js';
import type { PeerProgress } from '../../src/raft/options.js';
import { failure, ok, type Result } from '../../src/result.js';
import { StateMachine } from '../../src/store/state-machine.js';
import type { ConfiguredMember } from '../../src/view/configured-member.js';
import type { MemberStatus } from '../../src/view/member-status.js';
import type { MembersChange, MembersRefusal } from '../../src/view/members-change.js';
import type { PeerContact } from '../../src/view/peer-contact.js';
import type { RaftStatus } from '../../src/view/raft-status.js';
import type { StateView } from '../../src/view/state-view.js';
import { encodeCommand, encodeEnvelope } from './release-codec.js';

const boot = 1;
const currentTerm = term(2);

interface Submitted {
  readonly origin: Origin | undefined;
  readonly command: Command;
  readonly resolve: (applied: Applied) => void;
  readonly reject: (error: Error) => void;
  readonly onQuorumLoss: (() => void) | undefined;
}

/**
 * A cluster of one, without a log: each command is applied to the real state machine as soon as the
 * turn of its proposer is over, or when the test says so.
 */
export class LocalCoordinator implements Coordinator {
  readonly clock: Clock;
  readonly memberId: MemberId = memberId('00000000000000aa');
  readonly stateMachine = new StateMachine();
  /** How the other members seem to answer. */
  readonly peerContacts = new Map<MemberId, PeerContact>();
  hasLeader = true;
  isLost = false;
  diskBytes: number | undefined = 4096;
  /** What becomes of an attempt to hand over the leadership. */
  transferred: Result<MemberId, TransferRefusal> | undefined;
  configured: readonly ConfiguredMember[] = [];
  /** What becomes of a change of the members; it is done unless the test says otherwise. */
  membersRefusal: MembersRefusal | undefined;
  readonly membersChanges: MembersChange[] = [];
  barriers = 0;
  /** Backups that are read, and neither at their end nor given up. */
  openBackups = 0;
  proposals = 0;
  /** So many of the next commands are refused, as by an overloaded member. */
  refusals = 0;
  #lastSequence = 0;
  #holding = false;
  #scheduled = false;
  #submitted: Submitted[] = [];
  #readers: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #holdingReads = false;

  constructor(clock: Clock) {
    this.clock = clock;
    this.#apply(undefined, { type: 'advanceClock' });
    void this.#submit({
      type: 'register',
      incarnation: 'incarnation',
      name: 'local',
      peerUrls: ['http://127.0.0.1:7001'],
      clientUrls: ['http://127.0.0.1:4001'],
      version: '0.0.0',
      formatVersionMax: releaseFormats.highest,
    });
    this.#flush();
  }

  get state(): StateView {
    return this.stateMachine;
  }

  propose(command: ClientCommand, timeoutMs: number, options?: ProposeOptions): Promise<Applied> {
    this.proposals += 1;
    if (!this.hasLeader && Number.isFinite(timeoutMs)) {
      return Promise.reject(new UnavailableError('no leader took the command in time', 'none'));
    }
    if (this.refusals > 0) {
      this.refusals -= 1;
      return Promise.reject(new UnavailableError('too many commands wait', 'none'));
    }
    const applied = this.#submit(command, options);
    if (!this.#holding && this.hasLeader) this.#schedule();
    return applied;
  }

  quorumLoss(): UnavailableError | undefined {
    return this.isLost ? new UnavailableError('too few members answer', 'none') : undefined;
  }

  readBarrier(timeoutMs: number): Promise<void> {
    this.barriers += 1;
    if (!this.hasLeader && Number.isFinite(timeoutMs)) {
      return Promise.reject(new UnavailableError('no leader confirmed the read in time', 'none'));
    }
    if (this.hasLeader && !this.#holdingReads) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
    });
  }

  async backup(
    takenAt: number,
    timeoutMs: number,
  ): Promise<AsyncGenerator<Uint8Array, void, undefined>> {
    await this.readBarrier(timeoutMs);
    return this.#backup(takenAt);
  }

  async *#backup(takenAt: number): AsyncGenerator<Uint8Array, void, undefined> {
    const { clusterId, memberId: id, name, appliedIndex: index } = this.status();
    const writer = new BackupWriter();
    const source = this.stateMachine.snapshot();
    this.openBackups += 1;
    try {
      const from = { clusterId, memberId: id, memberName: name, version: '1.2.3' };
      yield writer.begin();
      yield writer.head({ ...from, takenAt, index, term: currentTerm });
      for (let data = source.next(65_536); data !== undefined; data = source.next(65_536)) {
        yield writer.chunk(data);
      }
      yield writer.end(Math.max(index, this.stateMachine.etcdIndex));
    } finally {
      source.close();
      this.openBackups -= 1;
    }
  }

  status(): RaftStatus {
    const index = logIndex(this.stateMachine.appliedIndex);
    return {
      clusterId: '00000000000000cc',
      memberId: this.memberId,
      name: 'local',
      role: this.hasLeader ? 'leader' : 'follower',
      leaderId: this.hasLeader ? this.memberId : undefined,
      currentTerm,
      firstIndex: logIndex(1),
      commitIndex: index,
      appliedIndex: index,
      leaderSince: 0,
      startedAt: 0,
    };
  }

  /** Those that have registered, and those that the test says. */
  members(): readonly ConfiguredMember[] {
    const isKnown = (id: MemberId) => this.configured.some(({ memberId: known }) => known === id);
    const registered = this.stateMachine.members
      .registered()
      .filter((member) => !isKnown(member.memberId))
      .map(({ memberId: id, name, peerUrls }) => {
        return { memberId: id, name, peerUrls, isLearner: false, staysLearner: false };
      });
    return [...registered, ...this.configured].sort((one, other) =>
      one.memberId < other.memberId ? -1 : 1,
    );
  }

  async changeMembers(change: MembersChange): Promise<Result<undefined, MembersRefusal>> {
    this.membersChanges.push(change);
    return this.membersRefusal === undefined ? ok(undefined) : failure(this.membersRefusal);
  }

  peers(): readonly PeerProgress[] {
    return [];
  }

  /** To itself, since there is nobody else. */
  async transferLeadership(to: MemberId | undefined): Promise<Result<MemberId, TransferRefusal>> {
    if (!this.hasLeader) return failure('noLeader');
    if (to === this.memberId) return failure('leadsAlready');
    return this.transferred ?? failure('noTarget');
  }

  measurements(): Measurements {
    const none = { count: 0, perSecond: 0, bytesPerSecond: 0 };
    const unmeasured = new Histogram([1]).describe();
    return {
      appendsSent: none,
      appendsReceived: none,
      followers: new Map(),
      leaderChanges: 1,
      commandsApplied: this.stateMachine.appliedIndex,
      campaigns: 1,
      slowApplies: 0,
      proposals: {
        pending: this.#submitted.length,
        pendingMax: 100,
        pendingBytes: 0,
        pendingBytesMax: 1000,
        refusedByCount: 0,
        refusedByBytes: 0,
        failed: 0,
      },
      forwarded: { commandsSent: 0, readsSent: 0, commandsReceived: 0, readsReceived: 0 },
      snapshots: { taken: 0, sent: 0, notSent: 0, installed: 0, newestBytes: 0 },
      durations: { sync: unmeasured, commit: unmeasured, apply: unmeasured },
      traffic: new Map(),
    };
  }

  memberStatus(): MemberStatus {
    return ownStatus(this, '1.2.3', this.diskBytes);
  }

  contacts(): ReadonlyMap<MemberId, PeerContact> {
    return this.peerContacts;
  }

  /** How many commands wait to be applied. */
  get waiting(): number {
    return this.#submitted.length;
  }

  /** From now on only {@link applyNext}, {@link applyAs} and {@link resume} apply commands. */
  hold(): void {
    this.#holding = true;
  }

  applyNext(): void {
    const next = this.#submitted.shift();
    if (next !== undefined) this.#settle(next);
  }

  resume(): void {
    this.#holding = false;
    this.#flush();
  }

  holdReads(): void {
    this.#holdingReads = true;
  }

  resumeReads(): void {
    this.#holdingReads = false;
    for (const { resolve } of this.#readers.splice(0)) resolve();
  }

  /** Applies the command of another member, at once. */
  applyAs(origin: Origin | undefined, command: Command): void {
    this.#apply(origin, command);
  }

  /** All members understand what this release does. */
  riseToNewest(): void {
    this.#apply(undefined, { type: 'raiseClusterVersion', version: releaseFormats.highest });
  }

  /** Expires what is due, as the leader does. The member keeps its queue entries alive. */
  expire(): void {
    const sequence = ++this.#lastSequence;
    const settledBelow = this.#submitted[0]?.origin?.sequence ?? sequence;
    const origin = { memberId: this.memberId, boot, sequence, settledBelow };
    this.#apply(origin, { type: 'keepAlive' });
    for (const command of this.stateMachine.time.expired(this.clock.now(), currentTerm, 1000)) {
      this.#apply(undefined, command);
    }
  }

  /** Nobody can confirm what waits, for now. */
  loseQuorum(): void {
    for (const { onQuorumLoss } of this.#submitted) onQuorumLoss?.();
  }

  /** The member stops: all that waits fails. */
  stop(): void {
    const error = new UnavailableError('the member stops', 'unknown');
    for (const { reject } of this.#submitted.splice(0)) reject(error);
    for (const { reject } of this.#readers.splice(0)) reject(error);
  }

  #submit(command: Command, options?: ProposeOptions): Promise<Applied> {
    return new Promise((resolve, reject) => {
      const sequence = ++this.#lastSequence;
      const settledBelow = this.#submitted[0]?.origin?.sequence ?? sequence;
      const { identity, onQuorumLoss } = options ?? {};
      const origin = { memberId: this.memberId, boot, sequence, settledBelow, identity };
      this.#submitted.push({ origin, command, resolve, reject, onQuorumLoss });
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (!this.#holding) this.#flush();
    });
  }

  #flush(): void {
    for (const one of this.#submitted.splice(0)) this.#settle(one);
  }

  #settle({ origin, command, resolve }: Submitted): void {
    const outcome = this.#apply(origin, command);
    if (outcome !== undefined) resolve({ result: outcome.result, sequence: origin?.sequence ?? 0 });
  }

  #apply(origin: Origin | undefined, command: Command) {
    const appliedIndex = this.stateMachine.appliedIndex;
    const now = this.clock.now();
    const stamp = { clusterTimeMs: Math.floor(now), appliedIndex };
    const data = encodeEnvelope(stamp, encodeCommand(origin, command));
    const index = logIndex(appliedIndex + 1);
    return this.stateMachine.apply({ index, term: currentTerm, type: 'command', data }, now);
  }
}
