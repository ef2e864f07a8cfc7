import { assert } from '../assert.js';
import { encodeCommand } from '../command/codec.js';
import type { Command } from '../command/command.js';
import type { Result } from '../command/result.js';
import type { MemberId } from '../ids.js';
import type { ForwardedProposal, ForwardResponse } from '../transport/transport.js';
import type { Clock } from './clock.js';
import { type Applied, UnavailableError } from './coordinator.js';
import type { LeaderView } from './leader-view.js';

/**
 * A command of this member on its way to a result. It is handed to whoever leads, again and again
 * if need be: the state machine knows it by its sequence and gives it one effect.
 */
interface PendingProposal {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly deadline: number;
  readonly resolve: (applied: Applied) => void;
  readonly reject: (error: Error) => void;
  whereabouts: Whereabouts;
  /** When a leader was last handed it. */
  sentAt: number;
  /** It was handed to some leader, so it may take effect even if nobody answers. */
  everSent: boolean;
}

/**
 * - `unsent`: waits to be handed to a leader.
 * - `sent`: a leader was handed it, and has not answered.
 * - `accepted`: the leader said that its log has it.
 * - `refused`: it said that it can't take it now. Handed over again at once it would be refused again,
 *   and the two members would do nothing else, so it waits for the next tick, or another leader.
 */
type Whereabouts = 'unsent' | 'sent' | 'accepted' | 'refused';

export class Proposals {
  readonly #memberId: MemberId;
  readonly #boot: number;
  readonly #clock: Clock;
  readonly #pendingMax: number;
  /** In the order of their sequences, so that the first key is the lowest that is not settled. */
  readonly #pending = new Map<number, PendingProposal>();
  #unsent: PendingProposal[] = [];
  #lastSequence = 0;

  constructor(memberId: MemberId, boot: number, clock: Clock, pendingMax: number) {
    this.#memberId = memberId;
    this.#boot = boot;
    this.#clock = clock;
    this.#pendingMax = pendingMax;
  }

  get hasUnsent(): boolean {
    return this.#unsent.length > 0;
  }

  /** @throws {UnavailableError} as a rejection; see `Coordinator.propose`. */
  add(command: Command, timeoutMs: number): Promise<Applied> {
    if (this.#pending.size >= this.#pendingMax) {
      const message = `${this.#pendingMax} commands wait at this member already`;
      return Promise.reject(new UnavailableError(message, 'none'));
    }
    return new Promise((resolve, reject) => {
      const sequence = ++this.#lastSequence;
      const proposal: PendingProposal = {
        sequence,
        bytes: this.#encode(sequence, command),
        deadline: this.#clock.now() + timeoutMs,
        resolve,
        reject,
        whereabouts: 'unsent',
        sentAt: 0,
        everSent: false,
      };
      this.#pending.set(sequence, proposal);
      this.#unsent.push(proposal);
    });
  }

  #encode(sequence: number, command: Command): Uint8Array {
    const lowest = this.#pending.keys().next();
    const settledBelow = lowest.done === true ? sequence : lowest.value;
    const origin = { memberId: this.#memberId, boot: this.#boot, sequence, settledBelow };
    return encodeCommand(origin, command);
  }

  /** Takes what waits for a leader. Those that were settled or ran out of time meanwhile are left out. */
  takeUnsent(): readonly ForwardedProposal[] {
    const now = this.#clock.now();
    const taken: ForwardedProposal[] = [];
    for (const proposal of this.#unsent) {
      if (!this.#pending.has(proposal.sequence)) continue;
      proposal.whereabouts = 'sent';
      proposal.sentAt = now;
      proposal.everSent = true;
      taken.push({ type: 'propose', id: proposal.sequence, command: proposal.bytes });
    }
    this.#unsent = [];
    return taken;
  }

  onResponse(response: Exclude<ForwardResponse, { readonly type: 'readIndex' }>): void {
    const proposal = this.#pending.get(response.id);
    if (proposal === undefined || proposal.whereabouts === 'unsent') return;
    proposal.whereabouts = response.type === 'accepted' ? 'accepted' : 'refused';
  }

  /** Another leader: what the old one took may be lost, so the new one gets all of it. */
  onLeaderChange(leader: LeaderView | undefined): void {
    if (leader === undefined) return;
    for (const proposal of this.#pending.values()) this.#sendAgain(proposal);
  }

  /** This member applied the command, or found its result in a snapshot. */
  settle(sequence: number, result: Result): void {
    const proposal = this.#pending.get(sequence);
    if (proposal === undefined) return;
    this.#pending.delete(sequence);
    proposal.resolve({ result, sequence });
  }

  /** After a snapshot replaced the state: the entries themselves were never seen here. */
  settleFrom(resultOf: (sequence: number) => Result | undefined): void {
    for (const sequence of [...this.#pending.keys()]) {
      const result = resultOf(sequence);
      if (result !== undefined) this.settle(sequence, result);
    }
  }

  /** Fails what ran out of time, and repeats what a leader refused or never confirmed. */
  tick(resendAfterMs: number): void {
    const now = this.#clock.now();
    for (const proposal of this.#pending.values()) {
      if (now >= proposal.deadline) {
        this.#fail(proposal, 'no leader confirmed the command in time');
      } else if (
        proposal.whereabouts === 'refused' ||
        (proposal.whereabouts === 'sent' && now - proposal.sentAt >= resendAfterMs)
      ) {
        this.#sendAgain(proposal);
      }
    }
  }

  close(): void {
    for (const proposal of this.#pending.values()) this.#fail(proposal, 'the member stops');
    this.#unsent = [];
  }

  #sendAgain(proposal: PendingProposal): void {
    if (proposal.whereabouts === 'unsent') return;
    assert(this.#pending.has(proposal.sequence), 'a settled command is not sent again');
    proposal.whereabouts = 'unsent';
    this.#unsent.push(proposal);
  }

  #fail(proposal: PendingProposal, reason: string): void {
    this.#pending.delete(proposal.sequence);
    proposal.reject(new UnavailableError(reason, proposal.everSent ? 'unknown' : 'none'));
  }
}
