import type { Term } from '../ids.js';
import type { StateMachine } from '../store/state-machine.js';
import type { Clock } from './clock.js';
import type { ClusterClock } from './cluster-clock.js';
import type { OwnCommand } from './coordinator.js';

/** Expiries proposed together; the next ones wait until these are applied. */
const expiryBatchMax = 256;
/** A cluster where a TTL runs shows the time in its log at least this often. */
const clockIntervalMs = 500;

/** What the leader proposes because time has passed. */
export class Timekeeper {
  readonly #stateMachine: StateMachine;
  readonly #clock: Clock;
  readonly #clusterClock: ClusterClock;
  /** The expiries in the log that are not yet applied end here. */
  #expiringUpTo = 0;

  constructor(stateMachine: StateMachine, clock: Clock, clusterClock: ClusterClock) {
    this.#stateMachine = stateMachine;
    this.#clock = clock;
    this.#clusterClock = clusterClock;
  }

  /** This member leads, and has applied all that came before its term. */
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
