import { assert } from '../assert.js';
import { encodeCommand, encodeEnvelope, originOf } from '../command/codec.js';
import type { KeyCommand, LockCommand } from '../command/command.js';
import type { Origin } from '../command/envelope.js';
import type { Result } from '../command/result.js';
import { MalformedError, NewerFormatError } from '../encoding/format-error.js';
import type { LogIndex, MemberId, Term } from '../ids.js';
import type { Raft } from '../raft/raft.js';
import type { ReadState, SoftState } from '../raft/ready.js';
import type { StateMachine } from '../store/state-machine.js';
import type {
  ForwardedProposal,
  ForwardRequest,
  ForwardResponse,
  ForwardTag,
} from '../transport/transport.js';
import { ClusterClock } from './cluster-clock.js';
import type { Applied, OwnCommand } from './coordinator.js';
import { ExpiryProposer } from './expiry-proposer.js';
import { InFlightProposals } from './in-flight-proposals.js';
import type { LeaderView } from './leader-view.js';
import type { MemberOptions } from './options.js';
import { Proposals } from './proposals.js';
import { Reads } from './reads.js';

/** A keep-alive is sent at least this often, and three times in the shortest TTL that depends on it. */
const keepAliveIntervalMsMax = 5000;
/** A member that has been idle for this long reports that the results of its commands are settled. */
const settleIdleMs = 1000;
/** A request that the leader has not answered is sent again after this many heartbeat intervals. */
const askAgainHeartbeats = 5;
/** A proposal that was accepted but has no result yet is sent again after this many election timeouts. */
const acceptedAgainElections = 2;

interface PeerProposal {
  readonly request: ForwardedProposal;
  readonly origin: Origin;
}

interface PeerRead {
  readonly from: MemberId;
  readonly tag: ForwardTag;
}

/**
 * Submits to the log: this member's own commands and reads go to the current leader. While this member leads,
 * it also appends what its peers forward, and the expiries of TTLs.
 */
export class Submissions {
  readonly #options: MemberOptions;
  readonly #raft: Raft;
  readonly #stateMachine: StateMachine;
  readonly #proposals: Proposals;
  readonly #reads: Reads;
  readonly #clusterClock: ClusterClock;
  readonly #expiryProposer: ExpiryProposer;
  readonly #peerReads = new Map<number, PeerRead>();
  /** The proposals that peers have forwarded in this term, and that are not applied yet. */
  readonly #inFlight = new InFlightProposals();
  /** The leader, as of the driver's last event. Requests, appends and answers here are of its term. */
  #leader: LeaderView | undefined;
  /** The term in which this member leads and has applied all earlier entries; undefined otherwise. */
  #ledTerm: Term | undefined;
  #lastContext = 0;
  #keptAliveAt: number;
  #isKeepingAlive = false;

  constructor(options: MemberOptions, raft: Raft, stateMachine: StateMachine) {
    const { clock, storage, limits } = options;
    const { identity, boot } = storage.start;
    this.#options = options;
    this.#raft = raft;
    this.#stateMachine = stateMachine;
    this.#proposals = new Proposals(identity.memberId, boot, clock, limits);
    this.#reads = new Reads(clock, () => this.#nextContext());
    this.#clusterClock = new ClusterClock(clock);
    this.#expiryProposer = new ExpiryProposer(stateMachine, clock, this.#clusterClock);
    this.#keptAliveAt = clock.now();
  }

  propose(
    command: KeyCommand | LockCommand | OwnCommand,
    timeoutMs: number,
    unsentTimeoutMs = timeoutMs,
  ): Promise<Applied> {
    return this.#proposals.add(command, timeoutMs, unsentTimeoutMs);
  }

  readBarrier(timeoutMs: number): Promise<void> {
    return this.#reads.add(timeoutMs);
  }

  close(): void {
    this.#proposals.close();
    this.#reads.close();
  }

  /** Submits waiting commands and reads to the leader: to the own core, or over the network. */
  submit(): void {
    if (this.#leader === undefined) return;
    if (this.#leader.isSelf) this.#submitHere(this.#leader.term);
    else this.#submitTo(this.#leader);
  }

  #submitTo({ leaderId, term }: LeaderView): void {
    const requests: ForwardRequest[] = [...this.#proposals.takeUnsent(term)];
    const context = this.#reads.takeUnasked();
    if (context !== undefined) {
      requests.push({ type: 'readIndex', id: context, boot: this.#boot, term });
    }
    if (requests.length > 0) this.#options.transport.forward(leaderId, requests);
  }

  #submitHere(term: Term): void {
    const own = this.#proposals.takeUnsent(term);
    if (own.length > 0) {
      const verdict = this.#append(own.map((proposal) => proposal.command));
      for (const { id } of own) this.#proposals.onResponse({ type: verdict, id });
    }
    const context = this.#reads.takeUnasked();
    if (context !== undefined && !this.#raft.readIndex(context)) this.#reads.onRefused(context);
  }

  #append(commands: readonly Uint8Array[]): 'accepted' | 'notLeader' | 'busy' {
    const { role, currentTerm } = this.#raft.softState();
    if (role !== 'leader') return 'notLeader';
    assert(
      this.#leadsIn(currentTerm),
      'the clock of a term is set before anything is stamped in it',
    );
    const stamp = this.#clusterClock.stamp(this.#stateMachine.appliedIndex);
    const proposed = this.#raft.propose(commands.map((command) => encodeEnvelope(stamp, command)));
    if (proposed.accepted) return 'accepted';
    return proposed.refusal === 'busy' ? 'busy' : 'notLeader';
  }

  #leadsIn(term: Term): boolean {
    return this.#leader?.isSelf === true && this.#leader.term === term;
  }

  /** Serves the requests of a peer, which takes this member for the leader of the term in them. */
  serve(from: MemberId, requests: readonly ForwardRequest[]): void {
    const answers: ForwardResponse[] = [];
    const fresh: PeerProposal[] = [];
    for (const request of requests) {
      if (request.type === 'readIndex') {
        this.#servePeerRead(from, request);
        continue;
      }
      if (!this.#leadsIn(request.term)) {
        answers.push(answerTo(request, 'notLeader'));
        continue;
      }
      const origin = this.#readableOrigin(from, request.command);
      if (origin === undefined) continue;
      if (this.#isKnown(origin)) answers.push(answerTo(request, 'accepted'));
      else fresh.push({ request, origin });
    }
    if (fresh.length > 0) answers.push(...this.#appendFresh(fresh));
    if (answers.length > 0) this.#options.transport.respond(from, answers);
  }

  #appendFresh(proposals: readonly PeerProposal[]): readonly ForwardResponse[] {
    const type = this.#append(proposals.map(({ request }) => request.command));
    if (type === 'accepted') for (const { origin } of proposals) this.#inFlight.add(origin);
    return proposals.map(({ request }) => answerTo(request, type));
  }

  /** Whether a proposal is in this term's log, or applied: then the peer only has to catch up. */
  #isKnown(origin: Origin): boolean {
    const { memberId, boot, sequence } = origin;
    if (this.#inFlight.has(origin)) return true;
    return this.#stateMachine.resultOf(memberId, boot, sequence) !== undefined;
  }

  /** A command that this member can't decode, such as a newer release's, must not enter the log. */
  #readableOrigin(from: MemberId, command: Uint8Array): Origin | undefined {
    try {
      return originOf(command);
    } catch (error) {
      if (!(error instanceof MalformedError || error instanceof NewerFormatError)) throw error;
      this.#options.logger.error({ err: error, from }, 'a forwarded command was refused');
      return undefined;
    }
  }

  /** A refused read is not answered: the peer asks again when it knows another leader. */
  #servePeerRead(from: MemberId, { id, boot, term }: ForwardTag): void {
    if (!this.#leadsIn(term)) return;
    const context = this.#nextContext();
    if (this.#raft.readIndex(context)) {
      this.#peerReads.set(context, { from, tag: { id, boot, term } });
    }
  }

  /**
   * Accepts an answer only from the leader that was asked, to a request of this boot and of its current term:
   * an answer may be delayed without limit, and the ids begin at 1 in each boot.
   */
  onResponses(from: MemberId, responses: readonly ForwardResponse[]): void {
    for (const response of responses) {
      if (!this.#isAwaited(from, response)) continue;
      if (response.type === 'readIndex') {
        this.#reads.onReadIndex(response.id, response.readIndex);
      } else {
        this.#proposals.onResponse(response);
      }
    }
  }

  #isAwaited(from: MemberId, { boot, term }: ForwardTag): boolean {
    const leader = this.#leader;
    return boot === this.#boot && leader?.leaderId === from && leader.term === term;
  }

  onReadStates(readStates: readonly ReadState[]): void {
    for (const { context, readIndex } of readStates) {
      const peerRead = this.#peerReads.get(context);
      if (peerRead === undefined) {
        this.#reads.onReadIndex(context, readIndex);
      } else {
        this.#peerReads.delete(context);
        const { from, tag } = peerRead;
        this.#options.transport.respond(from, [{ type: 'readIndex', ...tag, readIndex }]);
      }
    }
  }

  serveReads(appliedIndex: LogIndex): void {
    this.#reads.serve(appliedIndex);
  }

  /** Must be called before anything is submitted or served in a new term, since its stamps depend on it. */
  onLeaderChange(leader: LeaderView | undefined): void {
    this.#leader = leader;
    this.#ledTerm = undefined;
    this.#peerReads.clear();
    this.#inFlight.clear();
    this.#proposals.onLeaderChange(leader);
    this.#reads.onLeaderChange();
    if (leader?.isSelf === true) this.#clusterClock.restartFrom(this.#stateMachine.clusterTimeMs);
  }

  onApplied(outcome: { readonly origin: Origin | undefined; readonly result: Result }): void {
    const { identity, boot } = this.#options.storage.start;
    const { origin, result } = outcome;
    if (origin !== undefined) this.#inFlight.delete(origin);
    if (origin?.memberId !== identity.memberId || origin.boot !== boot) return;
    this.#proposals.settle(origin.sequence, result);
  }

  /** The first entry of a term is applied: if this member leads in it, it now proposes expiries. */
  onNoopApplied(noopTerm: Term, { role, currentTerm }: SoftState): void {
    if (role !== 'leader' || noopTerm !== currentTerm) return;
    this.#expiryProposer.beginTerm();
    this.#ledTerm = currentTerm;
  }

  settleFromSnapshot(): void {
    const { identity, boot } = this.#options.storage.start;
    this.#proposals.settleFrom((sequence) =>
      this.#stateMachine.resultOf(identity.memberId, boot, sequence),
    );
  }

  tick(): void {
    const { heartbeatIntervalMs, electionTimeoutMs } = this.#options.limits;
    const leader = this.#leader;
    const sentMs = askAgainHeartbeats * heartbeatIntervalMs;
    // A leader's own log loses no command while it leads, and would append one twice.
    const acceptedMs =
      leader?.isSelf === true
        ? Number.POSITIVE_INFINITY
        : acceptedAgainElections * electionTimeoutMs;
    this.#proposals.tick({ sentMs, acceptedMs });
    this.#reads.tick(sentMs);
    this.#keepAlive();
    if (leader?.isSelf === true && leader.term === this.#ledTerm) this.#submitDue(leader.term);
  }

  #submitDue(currentTerm: Term): void {
    const due = this.#expiryProposer.due(currentTerm);
    if (due.length === 0) return;
    const verdict = this.#append(due.map((command) => encodeCommand(undefined, command)));
    if (verdict === 'accepted') this.#expiryProposer.proposed(this.#raft.softState().lastIndex);
  }

  /**
   * Says that the waiting connections of this member are still held; and, as any command does, which
   * results are settled, where no other command says so.
   */
  #keepAlive(): void {
    const { clock, logger } = this.#options;
    if (this.#isKeepingAlive || !(this.#keepAliveIsDue() || this.#settlingIsDue())) return;
    this.#keptAliveAt = clock.now();
    this.#isKeepingAlive = true;
    this.#proposals
      .add({ type: 'keepAlive' }, this.#options.limits.electionTimeoutMs)
      .catch((error: unknown) => logger.warn({ err: error }, 'the keep-alive was not confirmed'))
      .finally(() => {
        this.#isKeepingAlive = false;
      });
  }

  #keepAliveIsDue(): boolean {
    const { clock, storage } = this.#options;
    const waiting = this.#stateMachine.keepAliveTtl(storage.start.identity.memberId, this.#boot);
    if (waiting === undefined) return false;
    const interval = Math.min(keepAliveIntervalMsMax, waiting.ttlMsMin / 3);
    return clock.now() - this.#keptAliveAt >= interval;
  }

  #settlingIsDue(): boolean {
    return this.#leader !== undefined && this.#proposals.mustTellSettled(settleIdleMs);
  }

  get #boot(): number {
    return this.#options.storage.start.boot;
  }

  #nextContext(): number {
    this.#lastContext += 1;
    return this.#lastContext;
  }
}

function answerTo(
  { id, boot, term }: ForwardTag,
  type: 'accepted' | 'notLeader' | 'busy',
): ForwardResponse {
  return { type, id, boot, term };
}
