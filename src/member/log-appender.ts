import { assert } from '../assert.js';
import { encodeEnvelope } from '../command/codec.js';
import type { LogIndex } from '../ids.js';
import type { Raft } from '../raft/raft.js';
import { failure, ok, type Result } from '../result.js';
import type { StateMachine } from '../store/state-machine.js';
import type { ProposalResponse } from '../transport/transport.js';
import type { ClusterClock } from './cluster-clock.js';
import type { Leadership } from './leadership.js';

/** Why nothing was appended: see `ForwardResponse`. */
export type AppendRefusal = Exclude<ProposalResponse['type'], 'accepted'>;

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

  /**
   * Appends as many of the commands as there is room for, in their order. Returns these as they
   * stand in their entries, whose memory the log keeps anyway.
   */
  append(commands: readonly Uint8Array[]): Result<readonly Uint8Array[], AppendRefusal> {
    const { role, currentTerm } = this.#raft.softState();
    if (role !== 'leader') return failure('notLeader');
    assert(
      this.#leadership.leadsIn(currentTerm),
      'the clock of a term is set before anything is stamped in it',
    );
    const { clusterVersion } = this.#stateMachine;
    const stamp = this.#clusterClock.stamp(this.#stateMachine.appliedIndex);
    const envelopes = commands.map((command) => encodeEnvelope(stamp, command, clusterVersion));
    const proposed = this.#raft.propose(envelopes);
    if (!proposed.ok) return failure(proposed.error === 'busy' ? 'busy' : 'notLeader');
    const appended = envelopes.slice(0, proposed.value.count);
    return ok(appended.map((envelope, at) => envelope.subarray(-(commands[at]?.length ?? 0))));
  }
}
