import type { CommandResult } from '../command/command-result.js';
import type { Origin } from '../command/envelope.js';
import type { LogIndex, MemberId, Term } from '../ids.js';
import type { Raft } from '../raft/raft.js';
import type { ReadState } from '../raft/ready.js';
import type { StateMachine } from '../store/state-machine.js';
import type { ForwardRequest, ForwardResponse, ForwardTag } from '../transport/transport.js';
import {
  type Applied,
  type ClientCommand,
  type OwnCommand,
  type ProposeOptions,
  UnavailableError,
} from './coordinator.js';
import type { Leadership, LeaderView } from './leadership.js';
import type { LogAppender } from './log-appender.js';
import type { ForwardedCounts, ProposalCounts } from './measurements.js';
import type { MembershipChanges } from './membership-changes.js';
import type { MemberOptions } from './options.js';
import type { Proposals } from './proposals.js';
import type { QuorumContact } from './quorum-contact.js';
import type { Reads } from './reads.js';

/** A request that the leader has not answered is sent again after this many heartbeat intervals. */
const askAgainHeartbeats = 5;
/**
 * A proposal that was accepted but has no result yet is sent again after this many election
 * timeouts.
 */
const acceptedAgainElections = 2;

type SubmissionOptions = Pick<MemberOptions, 'storage' | 'transport' | 'limits'>;

/** The parts of the member that submitting needs. */
export interface SubmissionParts {
  readonly raft: Raft;
  readonly stateMachine: StateMachine;
  readonly leadership: Leadership;
  readonly appender: LogAppender;
  readonly proposals: Proposals;
  readonly reads: Reads;
  readonly quorumContact: QuorumContact;
  readonly membershipChanges: MembershipChanges;
}

/**
 * Submits this member's own commands and reads to the current leader: to its own core, or over the
 * network.
 */
export class Submissions {
  readonly #options: SubmissionOptions;
  readonly #parts: SubmissionParts;
  #commandsSent = 0;
  #readsSent = 0;

  constructor(options: SubmissionOptions, parts: SubmissionParts) {
    this.#options = options;
    this.#parts = parts;
  }

  proposalCounts(): ProposalCounts {
    return this.#parts.proposals.describe();
  }

  /** What this member has handed to other members that lead. */
  sentCounts(): Pick<ForwardedCounts, 'commandsSent' | 'readsSent'> {
    return { commandsSent: this.#commandsSent, readsSent: this.#readsSent };
  }

  propose(
    command: ClientCommand | OwnCommand,
    timeoutMs: number,
    options: ProposeOptions = {},
  ): Promise<Applied> {
    const { unsentTimeoutMs = timeoutMs } = options;
    const loss = Number.isFinite(unsentTimeoutMs) ? this.quorumLoss() : undefined;
    if (loss !== undefined) return Promise.reject(loss);
    return this.#parts.proposals.add(command, timeoutMs, options);
  }

  readBarrier(timeoutMs: number): Promise<void> {
    const loss = this.quorumLoss();
    if (loss !== undefined) return Promise.reject(loss);
    return this.#parts.reads.add(timeoutMs);
  }

  /** See `Coordinator.quorumLoss`. */
  quorumLoss(): UnavailableError | undefined {
    const reason = this.#parts.quorumContact.loss();
    return reason === undefined ? undefined : new UnavailableError(reason, 'none');
  }

  close(): void {
    this.#parts.proposals.close();
    this.#parts.reads.close();
    this.#parts.membershipChanges.close();
  }

  /** Submits all that waits, if there is a leader. */
  submit(): void {
    const { leader } = this.#parts.leadership;
    if (leader === undefined) return;
    if (leader.isSelf) this.#submitHere(leader.term);
    else this.#submitTo(leader);
  }

  #submitTo({ leaderId, term }: LeaderView): void {
    const { proposals, reads } = this.#parts;
    const requests: ForwardRequest[] = [...proposals.takeUnsent(term)];
    this.#commandsSent += requests.length;
    const context = reads.takeUnasked();
    if (context !== undefined) {
      this.#readsSent += 1;
      requests.push({ type: 'readIndex', id: context, boot: this.#boot, term });
    }
    if (requests.length > 0) this.#options.transport.forward(leaderId, requests);
  }

  #submitHere(term: Term): void {
    const { proposals, reads, appender, raft } = this.#parts;
    const own = proposals.takeUnsent(term);
    if (own.length > 0) {
      const appended = appender.append(own.map((proposal) => proposal.command));
      const entries = appended.ok ? appended.value : [];
      const refusal = appended.ok ? 'busy' : appended.error;
      for (const [at, { id }] of own.entries()) {
        const entry = entries[at];
        if (entry === undefined) proposals.onResponse({ type: refusal, id });
        else proposals.onAppended(id, entry);
      }
    }
    const context = reads.takeUnasked();
    if (context !== undefined && !raft.readIndex(context)) reads.onRefused(context);
  }

  /**
   * Accepts an answer only from the leader that was asked, to a request of this boot and of its
   * current term: an answer may be delayed without limit, and the ids begin at 1 in each boot.
   */
  onResponses(from: MemberId, responses: readonly ForwardResponse[]): void {
    const { proposals, reads, membershipChanges } = this.#parts;
    for (const response of responses) {
      if (!this.#isAwaited(from, response)) continue;
      if (response.type === 'readIndex') reads.onReadIndex(response.id, response.readIndex);
      else if (response.type === 'membersChanged') membershipChanges.onResponse(response);
      else proposals.onResponse(response);
    }
  }

  #isAwaited(from: MemberId, { boot, term }: ForwardTag): boolean {
    const { leader } = this.#parts.leadership;
    return boot === this.#boot && leader?.leaderId === from && leader.term === term;
  }

  onReadState({ context, readIndex }: ReadState): void {
    this.#parts.reads.onReadIndex(context, readIndex);
  }

  serveReads(appliedIndex: LogIndex): void {
    this.#parts.reads.serve(appliedIndex);
  }

  onLeaderChange(): void {
    const { proposals, reads, leadership, membershipChanges } = this.#parts;
    membershipChanges.onLeaderChange();
    if (leadership.leader !== undefined) proposals.onNewLeader();
    reads.onLeaderChange();
  }

  onApplied(origin: Origin, result: CommandResult): void {
    const { identity, boot } = this.#options.storage.start;
    if (origin.memberId !== identity.memberId || origin.boot !== boot) return;
    this.#parts.proposals.settle(origin.sequence, result);
  }

  settleFromSnapshot(): void {
    const { proposals, stateMachine } = this.#parts;
    const { identity, boot } = this.#options.storage.start;
    proposals.settleFrom((sequence) =>
      stateMachine.members.resultOf(identity.memberId, boot, sequence),
    );
  }

  tick(): void {
    const { proposals, reads, leadership, quorumContact } = this.#parts;
    const loss = quorumContact.loss();
    if (loss !== undefined) {
      proposals.giveUp(loss);
      reads.giveUp(loss);
    }
    const { heartbeatIntervalMs, electionTimeoutMs } = this.#options.limits;
    const sentMs = askAgainHeartbeats * heartbeatIntervalMs;
    // A leader's own log loses no command while it leads, and would append one twice.
    const acceptedMs =
      leadership.leader?.isSelf === true
        ? Number.POSITIVE_INFINITY
        : acceptedAgainElections * electionTimeoutMs;
    proposals.tick({ sentMs, acceptedMs });
    reads.tick(sentMs);
  }

  get #boot(): number {
    return this.#options.storage.start.boot;
  }
}
