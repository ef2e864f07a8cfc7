import type { LeaveCommand } from '../command/command.js';
import { type Applied, type Coordinator, UnavailableError } from '../member/coordinator.js';

const retryDelayMs = 1000;

/** Whose acquire it was: the lock, and nothing of what it asked for. */
type OnLock = Pick<LeaveCommand, 'space' | 'name'>;

/**
 * Places that nobody waits for any more leave their queues. This member says that it attends all
 * its places, so a departure is tried until it is applied, or the member stops: otherwise the place
 * would stand in the way of all behind it for as long as the member runs.
 */
export class Departures {
  readonly #coordinator: Coordinator;
  readonly #underWay = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(coordinator: Coordinator) {
    this.#coordinator = coordinator;
  }

  leave(command: LeaveCommand): void {
    this.#track(this.#leave(command));
  }

  /** The client left before its acquire was applied; so the place, once there is one, has to go. */
  leaveOnceApplied(lock: OnLock, acquired: Promise<Applied>): void {
    this.#track(this.#leaveOnceApplied(lock, acquired));
  }

  /** Resolves when every departure so far was applied or given up. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#underWay]);
  }

  /** Idempotent. Nothing is tried again after this. */
  close(): void {
    this.#closing.abort();
  }

  #track(departure: Promise<void>): void {
    this.#underWay.add(departure);
    const forget = () => this.#underWay.delete(departure);
    departure.then(forget, (error: unknown) => {
      forget();
      throw error;
    });
  }

  async #leaveOnceApplied({ space, name }: OnLock, acquired: Promise<Applied>): Promise<void> {
    const applied = await orUnavailable(acquired);
    if (applied?.result.type !== 'place') return;
    const { index } = applied.result.place;
    const acquireSequence = applied.sequence;
    await this.#leave({ type: 'leave', space, name, index, acquireSequence, keepIfHolder: false });
  }

  async #leave(command: LeaveCommand): Promise<void> {
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

/** Undefined when the member took no more commands, or stops. */
async function orUnavailable(proposed: Promise<Applied>): Promise<Applied | undefined> {
  try {
    return await proposed;
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}
