import { assert } from '../assert.js';
import { encodeCommand, originOf, sealEnvelope } from '../command/codec.js';
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
import type { LeaderView } from './leader-view.js';
import type { MemberOptions } from './options.js';
import { Proposals } from './proposals.js';
import { Reads } from './reads.js';
import { Timekeeper } from './timekeeper.js';
import { UnderWay } from './under-way.js';

/** A keep-alive is sent at least this often, and three times in the shortest TTL that depends on it. */
const keepAliveIntervalMsMax = 5000;
/** A member that has been idle for this long says that the results of its commands are settled. */
const settleIdleMs = 1000;
/** What a leader has not confirmed is asked again after this many heartbeat intervals. */
const askAgainHeartbeats = 5;
/** What it has accepted and nobody has seen the result of, after this many election timeouts. */
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
 * What goes into the log from here: this member's own commands and reads on their way to whoever leads,
 * and, while this member leads, what its peers forward and what time brings.
 */
export class Submissions {
  readonly #options: MemberOptions;
  readonly #raft: Raft;
  readonly #stateMachine: StateMachine;
  readonly #proposals: Proposals;
  readonly #reads: Reads;
  readonly #clusterClock: ClusterClock;
  readonly #timekeeper: Timekeeper;
  readonly #peerReads = new Map<number, PeerRead>();
  /** What peers have forwarded in this term, and is not applied yet. */
  readonly #underWay = new UnderWay();
  /** As the driver has told it. What is asked, appended and answered here is of its term. */
  #leader: LeaderView | undefined;
  /** The term in which this member leads and has applied all that came before; undefined otherwise. */
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
    this.#timekeeper = new Timekeeper(stateMachine, clock, this.#clusterClock);
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

  /** Hands what waits to the leader: to the own core, or over the wire. */
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
    const proposed = this.#raft.propose(commands.map((command) => sealEnvelope(stamp, command)));
    if (proposed.accepted) return 'accepted';
    return proposed.refusal === 'busy' ? 'busy' : 'notLeader';
  }

  #leadsIn(term: Term): boolean {
    return this.#leader?.isSelf === true && this.#leader.term === term;
  }

  /** The requests of a peer that takes this member for the leader of the term that they name. */
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
    if (type === 'accepted') for (const { origin } of proposals) this.#underWay.add(origin);
    return proposals.map(({ request }) => answerTo(request, type));
  }

  /** In the log of this term, or applied here: the peer has only to catch up. */
  #isKnown(origin: Origin): boolean {
    const { memberId, boot, sequence } = origin;
    if (this.#underWay.has(origin)) return true;
    return this.#stateMachine.resultOf(memberId, boot, sequence) !== undefined;
  }

  /** What this member can't read, a newer release's command say, must not enter the log of all. */
  #readableOrigin(from: MemberId, command: Uint8Array): Origin | undefined {
    try {
      return originOf(command);
    } catch (error) {
      if (!(error instanceof MalformedError || error instanceof NewerFormatError)) throw error;
      this.#options.logger.error({ err: error, from }, 'a forwarded command was refused');
      return undefined;
    }
  }

  /** A read that is refused is not answered: its asker asks again when it knows another leader. */
  #servePeerRead(from: MemberId, { id, boot, term }: ForwardTag): void {
    if (!this.#leadsIn(term)) return;
    const context = this.#nextContext();
    if (this.#raft.readIndex(context)) {
      this.#peerReads.set(context, { from, tag: { id, boot, term } });
    }
  }

  /**
   * Only the leader that was asked is heard, on what this boot asked of it in its present term: an
   * answer may be late by any time, and the ids begin at 1 in each boot.
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

  /** To be told before anything is submitted or served in a new term, whose stamps depend on it. */
  onLeaderChange(leader: LeaderView | undefined): void {
    this.#leader = leader;
    this.#ledTerm = undefined;
    this.#peerReads.clear();
    this.#underWay.clear();
    this.#proposals.onLeaderChange(leader);
    this.#reads.onLeaderChange();
    if (leader?.isSelf === true) this.#clusterClock.restartFrom(this.#stateMachine.clusterTimeMs);
  }

  onApplied(outcome: { readonly origin: Origin | undefined; readonly result: Result }): void {
    const { identity, boot } = this.#options.storage.start;
    const { origin, result } = outcome;
    if (origin !== undefined) this.#underWay.delete(origin);
    if (origin?.memberId !== identity.memberId || origin.boot !== boot) return;
    this.#proposals.settle(origin.sequence, result);
  }

  /** The first entry of a term is applied: if it is this member's own, TTLs are now its business. */
  onNoopApplied(noopTerm: Term, { role, currentTerm }: SoftState): void {
    if (role !== 'leader' || noopTerm !== currentTerm) return;
    this.#timekeeper.beginTerm();
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
    // The own log loses nothing while this member leads, and would take a command twice.
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
    const due = this.#timekeeper.due(currentTerm);
    if (due.length === 0) return;
    const verdict = this.#append(due.map((command) => encodeCommand(undefined, command)));
    if (verdict === 'accepted') this.#timekeeper.proposed(this.#raft.softState().lastIndex);
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
