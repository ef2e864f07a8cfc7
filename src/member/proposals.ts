import { assert } from '../assert.js';
import { encodeCommand } from '../command/codec.js';
import type { Command } from '../command/command.js';
import type { CommandResult } from '../command/command-result.js';
import type { Origin } from '../command/envelope.js';
import type { Identity } from '../command/identity.js';
import type { MemberId, Term } from '../ids.js';
import type { ForwardedProposal, ProposalResponse } from '../transport/transport.js';
import type { Clock } from './clock.js';
import { type Applied, type ProposeOptions, UnavailableError } from './coordinator.js';
import type { ProposalCounts } from './measurements.js';
import type { MemberLimits } from './options.js';

/**
 * A command of this member that awaits its result. It is sent to the current leader, repeatedly
 * if need be: the state machine recognizes it by its sequence and applies it once.
 */
interface PendingProposal {
  readonly origin: Origin;
  /** The encoded command with its origin. */
  bytes: Uint8Array;
  /** The bytes are those of an uncommitted entry of this member's log, which counts them. */
  inOwnLog: boolean;
  readonly leavesResult: boolean;
  /** It fails then; and, as long as no leader was ever handed it, at `unsentDeadline`. */
  readonly deadline: number;
  readonly unsentDeadline: number;
  readonly onQuorumLoss: (() => void) | undefined;
  readonly resolve: (applied: Applied) => void;
  readonly reject: (error: Error) => void;
  status: ProposalStatus;
  /** When a leader was last handed it. */
  sentAt: number;
  /** It was handed to some leader, so it may take effect even if nobody answers. */
  everSent: boolean;
}

/**
 * - `unsent`: waits to be handed to a leader.
 * - `sent`: a leader was handed it, and has not answered.
 * - `accepted`: the leader said that its log has it.
 * - `refused`: it said that it can't take it now. Handed over again at once it would be refused
 *   again, and the two members would do nothing else, so it waits for the next tick, or another
 *   leader.
 */
type ProposalStatus = 'unsent' | 'sent' | 'accepted' | 'refused';

/** Milliseconds until a command is sent again that the leader has not answered, or has accepted. */
export interface ResendAfter {
  readonly sentMs: number;
  readonly acceptedMs: number;
}

type Limits = Pick<MemberLimits, 'pendingProposalsMax' | 'pendingBytesMin' | 'pendingBytesMax'>;

export class Proposals {
  readonly #memberId: MemberId;
  readonly #boot: number;
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #clusterVersion: () => number;
  readonly #uncommittedBytes: () => number;
  /** In the order of their sequences, so that the first key is the lowest that is not settled. */
  readonly #pending = new Map<number, PendingProposal>();
  readonly #unsent = new Set<PendingProposal>();
  /** Of the pending commands that are not in this member's own log. */
  #pendingBytes = 0;
  #refusedByCount = 0;
  #refusedByBytes = 0;
  #unconfirmed = 0;
  #lastSequence = 0;
  /** When the last command ceased to be pending. */
  #endedAt: number;
  /** The last sequence that was handed to a leader and leaves a result behind. */
  #lastResult = 0;
  /** The cluster was told that every lower sequence is settled. */
  #toldSettledBelow = 1;

  /**
   * @param clusterVersion no member may be sent a later format.
   * @param uncommittedBytes what this member's log holds beside the pending commands.
   */
  constructor(
    memberId: MemberId,
    boot: number,
    clock: Clock,
    limits: Limits,
    clusterVersion: () => number,
    uncommittedBytes: () => number,
  ) {
    this.#clusterVersion = clusterVersion;
    this.#uncommittedBytes = uncommittedBytes;
    this.#memberId = memberId;
    this.#boot = boot;
    this.#clock = clock;
    this.#limits = limits;
    this.#endedAt = clock.now();
  }

  describe(): ProposalCounts {
    return {
      pending: this.#pending.size,
      pendingMax: this.#limits.pendingProposalsMax,
      pendingBytes: this.#pendingBytes,
      pendingBytesMax: this.#limits.pendingBytesMax,
      refusedByCount: this.#refusedByCount,
      refusedByBytes: this.#refusedByBytes,
      failed: this.#refusedByCount + this.#refusedByBytes + this.#unconfirmed,
    };
  }

  /** @throws {UnavailableError} as a rejection; see `Coordinator.propose`. */
  add(command: Command, timeoutMs: number, options: ProposeOptions = {}): Promise<Applied> {
    const { unsentTimeoutMs = timeoutMs, onQuorumLoss, identity } = options;
    return new Promise((resolve, reject) => {
      this.#demandRoom(0);
      const origin = this.#nextOrigin(identity);
      const bytes = encodeCommand(origin, command, this.#clusterVersion());
      this.#demandRoom(bytes.length);
      this.#lastSequence = origin.sequence;
      const proposal: PendingProposal = {
        origin,
        bytes,
        inOwnLog: false,
        leavesResult: leavesResult(command),
        deadline: this.#clock.now() + timeoutMs,
        unsentDeadline: this.#clock.now() + unsentTimeoutMs,
        onQuorumLoss,
        resolve,
        reject,
        status: 'unsent',
        sentAt: 0,
        everSent: false,
      };
      this.#pending.set(origin.sequence, proposal);
      this.#pendingBytes += bytes.length;
      this.#unsent.add(proposal);
    });
  }

  /** With nothing pending any command is accepted, or a large one would be refused for ever. */
  #demandRoom(bytes: number): void {
    const { pendingProposalsMax, pendingBytesMin, pendingBytesMax } = this.#limits;
    if (this.#pending.size >= pendingProposalsMax) {
      this.#refusedByCount += 1;
      throw new UnavailableError(`${this.#pending.size} commands wait at this member`, 'none');
    }
    const room = Math.max(pendingBytesMax - this.#uncommittedBytes(), pendingBytesMin);
    if (this.#pending.size > 0 && this.#pendingBytes + bytes > room) {
      const message = `commands of ${this.#pendingBytes} bytes wait at this member`;
      this.#refusedByBytes += 1;
      throw new UnavailableError(`${message}, which leaves no room for another`, 'none');
    }
  }

  #nextOrigin(identity: Identity | undefined): Origin {
    const sequence = this.#lastSequence + 1;
    const lowest = this.#pending.keys().next();
    const settledBelow = lowest.done === true ? sequence : lowest.value;
    return { memberId: this.#memberId, boot: this.#boot, sequence, settledBelow, identity };
  }

  /** Takes the unsent commands, to send them to the leader of `term`. */
  takeUnsent(term: Term): readonly ForwardedProposal[] {
    const now = this.#clock.now();
    const taken: ForwardedProposal[] = [];
    for (const proposal of this.#unsent) {
      const { sequence } = proposal.origin;
      proposal.status = 'sent';
      proposal.sentAt = now;
      proposal.everSent = true;
      if (proposal.leavesResult) this.#lastResult = Math.max(this.#lastResult, sequence);
      taken.push({
        type: 'propose',
        id: sequence,
        boot: this.#boot,
        term,
        command: proposal.bytes,
      });
    }
    this.#unsent.clear();
    return taken;
  }

  /** This member leads, and appended the command itself: these are its bytes in the log. */
  onAppended(id: number, bytes: Uint8Array): void {
    const proposal = this.#pending.get(id);
    assert(proposal !== undefined, 'an appended command is pending');
    proposal.status = 'accepted';
    proposal.bytes = bytes;
    this.#count(proposal, { inOwnLog: true });
  }

  /** Handles an answer of the current leader; what an earlier one accepted may be lost. */
  onResponse({ id, type }: Pick<ProposalResponse, 'id' | 'type'>): void {
    const proposal = this.#pending.get(id);
    if (proposal === undefined || proposal.status === 'unsent') return;
    proposal.status = type === 'accepted' ? 'accepted' : 'refused';
  }

  /**
   * There is a new leader: commands that the old one accepted may be lost, so all are sent again.
   */
  onNewLeader(): void {
    for (const proposal of this.#pending.values()) this.#sendAgain(proposal);
  }

  /** This member applied the command, or found its result in a snapshot. */
  settle(sequence: number, result: CommandResult): void {
    const proposal = this.#pending.get(sequence);
    if (proposal === undefined) return;
    this.#toldSettledBelow = Math.max(this.#toldSettledBelow, proposal.origin.settledBelow);
    this.#end(proposal);
    proposal.resolve({ result, sequence });
  }

  /** After a snapshot replaced the state: the entries themselves were never seen here. */
  settleFrom(resultOf: (sequence: number) => CommandResult | undefined): void {
    for (const sequence of [...this.#pending.keys()]) {
      const result = resultOf(sequence);
      if (result !== undefined) this.settle(sequence, result);
    }
  }

  /**
   * Whether the cluster remembers results for which nobody waits, and has not been told so by
   * another command for as long as `idleMs`.
   */
  mustTellSettled(idleMs: number): boolean {
    if (this.#pending.size > 0 || this.#lastResult < this.#toldSettledBelow) return false;
    return this.#clock.now() - this.#endedAt >= idleMs;
  }

  /** Fails the commands that have timed out, and marks those that must be sent again as unsent. */
  tick({ sentMs, acceptedMs }: ResendAfter): void {
    const now = this.#clock.now();
    for (const proposal of this.#pending.values()) {
      const { status, sentAt, everSent } = proposal;
      if (now >= (everSent ? proposal.deadline : proposal.unsentDeadline))
        this.#fail(proposal, 'no leader confirmed the command in time');
      else if (
        status === 'refused' ||
        (status === 'sent' && now - sentAt >= sentMs) ||
        (status === 'accepted' && now - sentAt >= acceptedMs)
      ) {
        this.#sendAgain(proposal);
      }
    }
  }

  /** Nobody can be asked: fails the commands that would not wait for ever, and tells the others. */
  giveUp(reason: string): void {
    for (const proposal of this.#pending.values()) {
      const { everSent, deadline, unsentDeadline, onQuorumLoss } = proposal;
      if (Number.isFinite(everSent ? deadline : unsentDeadline)) this.#fail(proposal, reason);
      else onQuorumLoss?.();
    }
  }

  close(): void {
    for (const proposal of this.#pending.values()) this.#fail(proposal, 'the member stops');
  }

  #sendAgain(proposal: PendingProposal): void {
    assert(this.#pending.has(proposal.origin.sequence), 'a settled command is not sent again');
    proposal.status = 'unsent';
    this.#unsent.add(proposal);
    this.#count(proposal, { inOwnLog: false });
  }

  #count(proposal: PendingProposal, { inOwnLog }: Pick<PendingProposal, 'inOwnLog'>): void {
    if (proposal.inOwnLog === inOwnLog) return;
    proposal.inOwnLog = inOwnLog;
    this.#pendingBytes += inOwnLog ? -proposal.bytes.length : proposal.bytes.length;
  }

  #fail(proposal: PendingProposal, reason: string): void {
    this.#unconfirmed += 1;
    this.#end(proposal);
    proposal.reject(new UnavailableError(reason, proposal.everSent ? 'unknown' : 'none'));
  }

  #end(proposal: PendingProposal): void {
    this.#pending.delete(proposal.origin.sequence);
    this.#unsent.delete(proposal);
    if (!proposal.inOwnLog) this.#pendingBytes -= proposal.bytes.length;
    this.#endedAt = this.#clock.now();
  }
}

/** A result of `keepAlive` or `register` needs no later command to settle it. */
function leavesResult({ type }: Command): boolean {
  return type !== 'keepAlive' && type !== 'register';
}
