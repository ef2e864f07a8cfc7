import {
  type AcquireOutcome,
  type AcquireRequest,
  acquire,
  type LockHost,
} from '../../src/lock/acquire.js';
import { PendingCancels } from '../../src/lock/pending-cancels.js';
import type { QueueEntryView } from '../../src/view/queue-entry.js';
import { LocalCoordinator } from '../support/local-coordinator.js';
import { ManualClock } from '../support/manual-clock.js';
import { settle } from '../support/settle.js';

export const requestTimeoutMs = 3000;

/** One client's request for the lock `door`. */
export interface Attempt {
  readonly outcome: Promise<AcquireOutcome>;
  /** Undefined as long as it waits. */
  readonly ended: () => AcquireOutcome | undefined;
  leave(): void;
  /** The member stops. */
  stop(): void;
}

/** The lock module on a cluster of one, under a clock that the test moves. */
export class LockBench {
  readonly clock = new ManualClock(1_000_000);
  readonly coordinator = new LocalCoordinator(this.clock);
  readonly pendingCancels = new PendingCancels(this.coordinator);

  readonly host: LockHost = {
    coordinator: this.coordinator,
    pendingCancels: this.pendingCancels,
    requestTimeoutMs,
  };

  attempt(options: Partial<AcquireRequest>): Attempt {
    const controller = new AbortController();
    const stopping = new AbortController();
    const outcome = acquire(this.host, {
      space: 'lock',
      name: 'door',
      value: '',
      ttlMs: 60_000,
      mode: 'exclusive',
      limit: 1,
      timeoutMs: Number.POSITIVE_INFINITY,
      holdsConnection: false,
      index: undefined,
      keepsPlace: false,
      receivedAt: this.clock.now(),
      signal: AbortSignal.any([controller.signal, stopping.signal]),
      stopping: stopping.signal,
      ...options,
    });
    let ended: AcquireOutcome | undefined;
    outcome.then(
      (end) => {
        ended = end;
      },
      () => {},
    );
    return {
      outcome,
      ended: () => ended,
      leave: () => controller.abort(),
      stop: () => stopping.abort(),
    };
  }

  /** An attempt that has entered the queue: later ones are behind it. */
  async queued(options: Partial<AcquireRequest>): Promise<Attempt> {
    const attempt = this.attempt(options);
    await settle();
    return attempt;
  }

  async held(options: Partial<AcquireRequest>): Promise<number> {
    const outcome = await this.attempt(options).outcome;
    if (outcome.type !== 'held') throw new Error(`it did not hold: ${outcome.type}`);
    return outcome.index;
  }

  get queue(): readonly QueueEntryView[] {
    return this.coordinator.stateMachine.locks.queue('lock', 'door');
  }

  async release(index: number): Promise<void> {
    await this.coordinator.propose(
      { type: 'release', space: 'lock', name: 'door', index, value: undefined },
      requestTimeoutMs,
    );
    await settle();
  }

  async renew(index: number, ttlMs: number): Promise<void> {
    await this.coordinator.propose(
      { type: 'renew', space: 'lock', name: 'door', index, value: undefined, ttlMs },
      requestTimeoutMs,
    );
    await settle();
  }

  async advance(byMs: number): Promise<void> {
    this.clock.advance(byMs);
    this.coordinator.expire();
    await settle();
  }
}
