import { assertNever } from '../assert.js';
import { type MemberId, term } from '../ids.js';
import type { Message } from './messages.js';
import { type Outcome, outcome } from './quorum.js';
import type { Change, RoleBehaviour } from './role.js';
import type { RaftState } from './state.js';

/** The answers to a campaign, and when to repeat the requests that have none. */
class Campaign {
  readonly #state: RaftState;
  readonly #answers = new Map<MemberId, boolean>();
  #ticks = 0;

  constructor(state: RaftState) {
    this.#state = state;
  }

  /** A grant is final; any later answer of the same voter is a stale copy. */
  record(voter: MemberId, granted: boolean): void {
    if (this.#answers.get(voter) !== true) this.#answers.set(voter, granted);
  }

  get outcome(): Outcome {
    return outcome(this.#state.configuration.voters, this.#answers);
  }

  /**
   * True when it is time to repeat the requests: messages get lost, and a voter that has refused
   * may lose its leader a moment later.
   */
  tick(): boolean {
    this.#ticks += 1;
    return this.#ticks % this.#state.options.heartbeatIntervalTicks === 0;
  }

  get toAsk(): readonly MemberId[] {
    return this.#state.configuration.voters.filter(
      (voter) => voter !== this.#state.id && this.#answers.get(voter) !== true,
    );
  }
}

/** Asks whether it could win, before it starts a new term (pre-vote: thesis, section 9.6). */
export class PreCandidate implements RoleBehaviour {
  readonly role = 'preCandidate';
  readonly #state: RaftState;
  readonly #campaign: Campaign;

  constructor(state: RaftState) {
    this.#state = state;
    this.#campaign = new Campaign(state);
  }

  begin(): Change | undefined {
    this.#state.leaderId = undefined;
    this.#state.timer.restart();
    // A pre-vote promises nothing, so its own one counts before any write.
    this.#campaign.record(this.#state.id, true);
    this.#ask();
    return this.#tally();
  }

  tick(): Change | undefined {
    this.#state.timer.tick();
    if (this.#state.timer.expired && this.#state.mayCampaign) return { type: 'preCandidate' };
    if (this.#campaign.tick()) this.#ask();
    return undefined;
  }

  step(message: Message): Change | undefined {
    switch (message.type) {
      case 'PreVoteResponse': {
        const expected = message.voteGranted ? this.#wantedTerm() : this.#state.currentTerm;
        if (message.term !== expected) return undefined;
        this.#campaign.record(message.from, message.voteGranted);
        return this.#tally();
      }
      case 'TimeoutNowRequest':
        if (!this.#state.mayCampaign) return undefined;
        return { type: 'candidate', leadershipTransfer: true };
      case 'PreVoteRequest':
      case 'RequestVoteRequest':
      case 'RequestVoteResponse':
      case 'AppendEntriesRequest':
      case 'AppendEntriesResponse':
      case 'HeartbeatRequest':
      case 'HeartbeatResponse':
      case 'CommitNotice':
      case 'InstallSnapshotRequest':
      case 'InstallSnapshotResponse':
        return undefined;
      default:
        return assertNever(message);
    }
  }

  persisted(): undefined {
    return undefined;
  }

  #wantedTerm() {
    return term(this.#state.currentTerm + 1);
  }

  #ask(): void {
    const { id, log } = this.#state;
    for (const to of this.#campaign.toAsk) {
      this.#state.send({
        type: 'PreVoteRequest',
        from: id,
        to,
        term: this.#wantedTerm(),
        lastLogIndex: log.lastIndex,
        lastLogTerm: log.lastTerm,
      });
    }
  }

  /**
   * A majority of refusals does not end a pre-vote: it changes nothing, and lasts until the
   * timeout.
   */
  #tally(): Change | undefined {
    if (this.#campaign.outcome !== 'won' || !this.#state.mayCampaign) return undefined;
    return { type: 'candidate', leadershipTransfer: false };
  }
}

/** Raft, section 5.2. */
export class Candidate implements RoleBehaviour {
  readonly role = 'candidate';
  readonly #state: RaftState;
  readonly #campaign: Campaign;
  readonly #leadershipTransfer: boolean;

  constructor(state: RaftState, leadershipTransfer: boolean) {
    this.#state = state;
    this.#campaign = new Campaign(state);
    this.#leadershipTransfer = leadershipTransfer;
  }

  begin(): undefined {
    this.#state.adoptTerm(term(this.#state.currentTerm + 1));
    this.#state.voteFor(this.#state.id);
    this.#state.timer.restart();
    this.#ask();
    return undefined;
  }

  tick(): Change | undefined {
    this.#state.timer.tick();
    if (this.#state.timer.expired && this.#state.mayCampaign) return { type: 'preCandidate' };
    if (this.#campaign.tick()) this.#ask();
    return undefined;
  }

  step(message: Message): Change | undefined {
    switch (message.type) {
      case 'RequestVoteResponse':
        this.#campaign.record(message.from, message.voteGranted);
        return this.#tally();
      case 'PreVoteRequest':
      case 'PreVoteResponse':
      case 'RequestVoteRequest':
      case 'AppendEntriesRequest':
      case 'AppendEntriesResponse':
      case 'HeartbeatRequest':
      case 'HeartbeatResponse':
      case 'CommitNotice':
      case 'InstallSnapshotRequest':
      case 'InstallSnapshotResponse':
      case 'TimeoutNowRequest':
        return undefined;
      default:
        return assertNever(message);
    }
  }

  /** A candidate counts its own vote once that vote is durable. */
  persisted(): Change | undefined {
    if (!this.#state.voteIsDurable) return undefined;
    this.#campaign.record(this.#state.id, true);
    return this.#tally();
  }

  #ask(): void {
    const { id, currentTerm, log } = this.#state;
    for (const to of this.#campaign.toAsk) {
      this.#state.send({
        type: 'RequestVoteRequest',
        from: id,
        to,
        term: currentTerm,
        lastLogIndex: log.lastIndex,
        lastLogTerm: log.lastTerm,
        leadershipTransfer: this.#leadershipTransfer,
      });
    }
  }

  #tally(): Change | undefined {
    const { outcome: result } = this.#campaign;
    if (result === 'open') return undefined;
    if (result === 'won') return { type: 'leader' };
    return { type: 'follower', leaderId: undefined, reason: 'electionLost' };
  }
}
