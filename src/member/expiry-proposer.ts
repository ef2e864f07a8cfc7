import type { Term } from '../ids.js';
import type { StateMachine } from '../store/state-machine.js';
import type { Clock } from './clock.js';
import type { ClusterClock } from './cluster-clock.js';
import type { OwnCommand } from './coordinator.js';

/** Expiries proposed together; the next ones wait until these are applied. */
const expiryBatchMax = 256;
/** While a TTL runs, the cluster's time is put into the log at least this often. */
const clockIntervalMs = 500;

/** The leader's proposals that time causes: expiries of TTLs, and the time itself (in etcd, the lessor). */
export class ExpiryProposer {
  readonly #stateMachine: StateMachine;
  readonly #clock: Clock;
  readonly #clusterClock: ClusterClock;
  /** The last index of the expiries that are in the log and not yet applied. */
  #expiringUpTo = 0;

  constructor(stateMachine: StateMachine, clock: Clock, clusterClock: ClusterClock) {
    this.#stateMachine = stateMachine;
    this.#clock = clock;
    this.#clusterClock = clusterClock;
  }

  /** This member leads, and has applied all entries before its term. */
  beginTerm(): void {
    this.#clusterClock.continueFrom(this.#stateMachine.clusterTimeMs);
    this.#stateMachine.adjustDeadlines(this.#clock.now());
    this.#expiringUpTo = 0;
  }

  due(currentTerm: Term): readonly OwnCommand[] {
    if (this.#stateMachine.appliedIndex < this.#expiringUpTo) return [];
    const expired = this.#stateMachine.expired(this.#clock.now(), currentTerm, expiryBatchMax);
    if (expired.length > 0) return expired;
    const idle = this.#clock.now() - this.#clusterClock.lastStampAt >= clockIntervalMs;
    return idle && this.#stateMachine.hasDeadlines ? [{ type: 'advanceClock' }] : [];
  }

  proposed(lastIndex: number): void {
    this.#expiringUpTo = lastIndex;
  }
}
