import type { Identity } from '../command/identity.js';
import { type Applied, UnavailableError } from '../member/coordinator.js';
import type { AcquireRequest, LockHost } from './acquire.js';
import { cancelOf, type HeldLock, leaseMargins, renewalOf } from './lock-handle.js';

/** A longer TTL is renewed as often as this one: a timer of Node waits 24 days at most. */
const longestTtlMs = 24 * 60 * 60 * 1000;

/** The request that holds by its connection. */
type HoldingRequest = Pick<AcquireRequest, 'signal' | 'identity'>;

/**
 * Holds a lock for as long as its client's connection lives (until `signal`): renews it, and
 * releases it at the end. Resolves as soon as the client may no longer hold the lock, for whatever
 * reason.
 */
export function holdConnection(
  host: LockHost,
  held: HeldLock,
  { signal, identity }: HoldingRequest,
): Promise<void> {
  return new Promise((resolve) =>
    new ConnectionHold(host, held, signal, identity, resolve).begin(),
  );
}

class ConnectionHold {
  readonly #host: LockHost;
  readonly #held: HeldLock;
  readonly #signal: AbortSignal;
  readonly #identity: Identity | undefined;
  readonly #onEnd: () => void;
  /** On this member's clock. The running TTL began no earlier than this. */
  #earliestLeaseStart: number;
  #ended = false;
  #stopListening = () => {};
  #cancelRenewal = () => {};
  #cancelDeadline = () => {};

  constructor(
    host: LockHost,
    held: HeldLock,
    signal: AbortSignal,
    identity: Identity | undefined,
    onEnd: () => void,
  ) {
    this.#identity = identity;
    this.#host = host;
    this.#held = held;
    this.#signal = signal;
    this.#onEnd = onEnd;
    this.#earliestLeaseStart = held.earliestLeaseStart;
  }

  begin(): void {
    this.#signal.addEventListener('abort', this.#giveUp);
    if (this.#signal.aborted) this.#giveUp();
    else this.#look();
  }

  /** Listens to the queue entry; anew when a snapshot has replaced the state. */
  readonly #look = (): void => {
    if (this.#ended) return;
    const { space, name, index } = this.#held;
    const { state } = this.#host.coordinator;
    this.#stopListening = state.locks.onQueueEntry(space, name, index, (change) => {
      if (change === 'removed') this.#end();
      else queueMicrotask(this.#look);
    });
    const entry = state.locks.queueEntry(space, name, index);
    if (entry?.holds === true) this.#trust(entry.ttlMs);
    else this.#end();
  };

  #trust(entryTtlMs: number): void {
    const ttlMs = Math.min(entryTtlMs, longestTtlMs);
    this.#cancelRenewal();
    this.#cancelDeadline();
    const { clock } = this.#host.coordinator;
    const passedMs = clock.now() - this.#earliestLeaseStart;
    const untilRenewal = Math.max(0, leaseMargins.renewal * ttlMs - passedMs);
    const untilDeadline = Math.max(0, leaseMargins.trusted * ttlMs - passedMs);
    this.#cancelDeadline = clock.after(untilDeadline, this.#giveUp);
    this.#cancelRenewal = clock.after(untilRenewal, () => this.#renew(ttlMs));
  }

  /** Keeps the TTL of the queue entry, which another request may have changed since. */
  #renew(trustedMs: number): void {
    const { coordinator } = this.#host;
    const { clock, state } = coordinator;
    const { space, name, index } = this.#held;
    const ttlMs = state.locks.queueEntry(space, name, index)?.ttlMs ?? trustedMs;
    const askedAt = clock.now();
    const remainingMs = Math.max(
      0,
      this.#earliestLeaseStart + leaseMargins.trusted * trustedMs - askedAt,
    );
    const identity = this.#identity;
    coordinator.propose(renewalOf(this.#held, ttlMs), remainingMs, { identity }).then(
      ({ result }: Applied) => {
        if (this.#ended) return;
        if (result.type === 'error') {
          this.#giveUp();
          return;
        }
        this.#earliestLeaseStart = askedAt;
        this.#trust(ttlMs);
      },
      (error: unknown) => {
        if (!(error instanceof UnavailableError)) throw error;
        if (this.#ended) return;
        const retryMs = leaseMargins.retry * Math.min(ttlMs, longestTtlMs);
        this.#cancelRenewal = clock.after(retryMs, () => this.#renew(trustedMs));
      },
    );
  }

  readonly #giveUp = (): void => {
    this.#end();
    void this.#host.pendingCancels.cancel({ ...cancelOf(this.#held, false), givesUp: true });
  };

  #end(): void {
    this.#ended = true;
    this.#stopListening();
    this.#cancelRenewal();
    this.#cancelDeadline();
    this.#signal.removeEventListener('abort', this.#giveUp);
    this.#onEnd();
  }
}
