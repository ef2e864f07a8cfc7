import { encodeCommand } from '../command/codec.js';
import type { Term } from '../ids.js';
import type { StateMachine } from '../store/state-machine.js';
import type { Clock } from './clock.js';
import type { ClusterClock } from './cluster-clock.js';
import type { OwnCommand } from './coordinator.js';
import type { Leadership } from './leadership.js';
import type { LogAppender } from './log-appender.js';

/** Expiries proposed together; the next ones wait until these are applied. */
const expiryBatchMax = 256;
/** While a TTL runs, the cluster's time is put into the log at least this often. */
const clockIntervalMs = 500;

/** The parts of the member that expiries need. */
export interface ExpiryParts {
  readonly stateMachine: StateMachine;
  readonly clusterClock: ClusterClock;
  readonly leadership: Leadership;
  readonly appender: LogAppender;
}

/**
 * The leader's proposals that time causes: expiries of TTLs, and the time itself (in etcd, the
 * lessor).
 */
export class ExpiryProposer {
  readonly #clock: Clock;
  readonly #parts: ExpiryParts;
  /** The last index of the expiries that are in the log and not yet applied. */
  #expiringUpTo = 0;

  constructor(clock: Clock, parts: ExpiryParts) {
    this.#clock = clock;
    this.#parts = parts;
  }

  /** This member leads, and has applied all entries before its term. */
  beginTerm(): void {
    const { clusterClock, stateMachine } = this.#parts;
    clusterClock.continueFrom(stateMachine.time.clusterTimeMs);
    stateMachine.time.adjustDeadlines(this.#clock.now());
    this.#expiringUpTo = 0;
  }

  /**
   * Proposes what is due, but only in a term in which this member leads and has applied all before.
   */
  tick(): void {
    const { leadership, appender, stateMachine } = this.#parts;
    const term = leadership.appliedTerm;
    if (term === undefined) return;
    const due = this.#due(term);
    if (due.length === 0) return;
    const { clusterVersion } = stateMachine;
    const appended = appender.append(
      due.map((command) => encodeCommand(undefined, command, clusterVersion)),
    );
    if (appended.ok) this.#expiringUpTo = appender.lastIndex;
  }

  #due(term: Term): readonly OwnCommand[] {
    const { stateMachine, clusterClock } = this.#parts;
    if (stateMachine.appliedIndex < this.#expiringUpTo) return [];
    const now = this.#clock.now();
    const expired = stateMachine.time.expired(now, term, expiryBatchMax);
    if (expired.length > 0) return expired;
    const idle = now - clusterClock.lastStampAt >= clockIntervalMs;
    return idle && stateMachine.time.hasDeadlines ? [{ type: 'advanceClock' }] : [];
  }
}
