import type { CancelAcquireCommand } from '../command/locks.js';
import { type Applied, type Coordinator, UnavailableError } from '../member/coordinator.js';

const retryDelayMs = 1000;

/** The lock of an acquire, and how it leaves. Nothing else of the request is kept. */
type OnLock = Pick<CancelAcquireCommand, 'space' | 'name' | 'keepForTtl' | 'givesUp'>;

/**
 * Acquires whose clients are gone, on the way out of their queues. This member keeps all its queue
 * entries alive, so an entry that stayed would block the queue for as long as the member runs:
 * a cancel is retried until it is applied, or the member stops.
 */
export class PendingCancels {
  readonly #coordinator: Coordinator;
  readonly #pending = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(coordinator: Coordinator) {
    this.#coordinator = coordinator;
  }

  /** Resolves when the cancel is applied, or given up since the member stops. */
  cancel(command: CancelAcquireCommand): Promise<void> {
    const cancel = this.#cancel(command);
    this.#track(cancel);
    return cancel;
  }

  /** The client was gone before its acquire was applied: it leaves its queue entry then. */
  cancelOnceApplied(lock: OnLock, acquired: Promise<Applied>): void {
    this.#track(this.#cancelOnceApplied(lock, acquired));
  }

  /** Resolves when every cancel so far is applied or given up. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#pending]);
  }

  /** Idempotent. Nothing is retried after this. */
  close(): void {
    this.#closing.abort();
  }

  #track(cancel: Promise<void>): void {
    this.#pending.add(cancel);
    const forget = () => this.#pending.delete(cancel);
    cancel.then(forget, (error: unknown) => {
      forget();
      throw error;
    });
  }

  async #cancelOnceApplied(lock: OnLock, acquired: Promise<Applied>): Promise<void> {
    const applied = await orUnavailable(acquired);
    if (applied?.result.type !== 'queueEntry') return;
    const { index } = applied.result.entry;
    const acquireSequence = applied.sequence;
    await this.#cancel({
      type: 'cancelAcquire',
      ...lock,
      index,
      acquireSequence,
      keepIfHolder: false,
    });
  }

  async #cancel(command: CancelAcquireCommand): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const applied = await orUnavailable(
        this.#coordinator.propose(command, Number.POSITIVE_INFINITY),
      );
      if (applied !== undefined) return;
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#closing;
      const end = () => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#coordinator.clock.after(retryDelayMs, end);
      signal.addEventListener('abort', end);
    });
  }
}

/** Undefined when the member takes no command now, or stops. */
async function orUnavailable(proposed: Promise<Applied>): Promise<Applied | undefined> {
  try {
    return await proposed;
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}
