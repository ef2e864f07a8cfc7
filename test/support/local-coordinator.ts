import type { Command } from '../../src/command/command.js';
import type { Origin } from '../../src/command/envelope.js';
import type { KeyCommand } from '../../src/command/keys.js';
import type { LockCommand } from '../../src/command/locks.js';
import { logIndex, type MemberId, memberId, term } from '../../src/ids.js';
import type { Clock } from '../../src/member/clock.js';
import {
  type Applied,
  type Coordinator,
  type ProposeOptions,
  UnavailableError,
} from '../../src/member/coordinator.js';
import type { Measurements } from '../../src/member/measurements.js';
import { ownStatus } from '../../src/member/own-status.js';
import type { PeerProgress } from '../../src/raft/options.js';
import { StateMachine } from '../../src/store/state-machine.js';
import type { MemberStatus } from '../../src/view/member-status.js';
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
  barriers = 0;
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
      formatVersionMax: 1,
    });
    this.#flush();
  }

  get state(): StateView {
    return this.stateMachine;
  }

  propose(
    command: KeyCommand | LockCommand,
    timeoutMs: number,
    options?: ProposeOptions,
  ): Promise<Applied> {
    this.proposals += 1;
    if (!this.hasLeader && Number.isFinite(timeoutMs)) {
      return Promise.reject(new UnavailableError('no leader took the command in time', 'none'));
    }
    if (this.refusals > 0) {
      this.refusals -= 1;
      return Promise.reject(new UnavailableError('too many commands wait', 'none'));
    }
    const applied = this.#submit(command, options?.onQuorumLoss);
    if (!this.#holding && this.hasLeader) this.#schedule();
    return applied;
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

  peers(): readonly PeerProgress[] {
    return [];
  }

  measurements(): Measurements {
    const none = { count: 0, perSecond: 0, bytesPerSecond: 0 };
    return {
      appendsSent: none,
      appendsReceived: none,
      followers: new Map(),
      leaderChanges: 1,
      commandsApplied: this.stateMachine.appliedIndex,
    };
  }

  memberStatus(): MemberStatus {
    return ownStatus(this, '1.2.3', 4096);
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

  #submit(command: Command, onQuorumLoss?: () => void): Promise<Applied> {
    return new Promise((resolve, reject) => {
      const sequence = ++this.#lastSequence;
      const settledBelow = this.#submitted[0]?.origin?.sequence ?? sequence;
      const origin = { memberId: this.memberId, boot, sequence, settledBelow };
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
