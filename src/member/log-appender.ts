import { assert } from '../assert.js';
import { encodeEnvelope } from '../command/codec.js';
import type { LogIndex } from '../ids.js';
import type { Raft } from '../raft/raft.js';
import type { StateMachine } from '../store/state-machine.js';
import type { ProposalResponse } from '../transport/transport.js';
import type { ClusterClock } from './cluster-clock.js';
import type { Leadership } from './leadership.js';

/** What a proposal is answered: see `ForwardResponse`. */
export type AppendResult = ProposalResponse['type'];

/**
 * Appends commands to the log while this member leads: each is stamped with the cluster's clock of
 * the term.
 */
export class LogAppender {
  readonly #raft: Raft;
  readonly #stateMachine: StateMachine;
  readonly #clusterClock: ClusterClock;
  readonly #leadership: Leadership;

  constructor(
    raft: Raft,
    stateMachine: StateMachine,
    clusterClock: ClusterClock,
    leadership: Leadership,
  ) {
    this.#raft = raft;
    this.#stateMachine = stateMachine;
    this.#clusterClock = clusterClock;
    this.#leadership = leadership;
  }

  get lastIndex(): LogIndex {
    return this.#raft.lastIndex;
  }

  /** Must be called before anything is appended in a new term, since its stamps depend on it. */
  onLeaderChange(): void {
    if (this.#leadership.leader?.isSelf !== true) return;
    this.#clusterClock.restartFrom(this.#stateMachine.time.clusterTimeMs);
  }

  append(commands: readonly Uint8Array[]): AppendResult {
    const { role, currentTerm } = this.#raft.softState();
    if (role !== 'leader') return 'notLeader';
    assert(
      this.#leadership.leadsIn(currentTerm),
      'the clock of a term is set before anything is stamped in it',
    );
    const { clusterVersion } = this.#stateMachine;
    const stamp = this.#clusterClock.stamp(this.#stateMachine.appliedIndex);
    const proposed = this.#raft.propose(
      commands.map((command) => encodeEnvelope(stamp, command, clusterVersion)),
    );
    if (proposed.ok) return 'accepted';
    return proposed.error === 'busy' ? 'busy' : 'notLeader';
  }
}
