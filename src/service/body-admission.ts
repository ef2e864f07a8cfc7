import { startTimer } from '../lock/with-timeout.js';
import type { Clock } from '../member/clock.js';
import { UnavailableError } from '../member/coordinator.js';
import type { LimitUse } from '../view/limit-use.js';

/**
 * What the log may hold uncommitted comes on top of it, and both together fit in the limit of the
 * member's pending commands.
 */
const admittedBytesMax = 16 * 1024 * 1024;

/**
 * A body is in the heap as text, as the value in it, as the key's new value, and twice more in an
 * answer that shows the old value beside the new one. A third of the heap is left for these.
 */
const heapShare = 1 / 16;

/** Of large requests that are read, or have no result yet. */
export function largeBodiesBytesMax(heapBytesMax: number): number {
  return Math.min(admittedBytesMax, Math.floor(heapBytesMax * heapShare));
}

interface Waiter {
  readonly bytes: number;
  readonly admit: () => void;
}

/**
 * Bounds the memory of large requests: they are read one after the other, in the order of their
 * arrival, as far as all that were admitted and are not released fit in `maxBytes`. The others wait
 * unread, so the clients' own systems hold them back. One alone is admitted whatever its size.
 */
export class BodyAdmission {
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #timeoutMs: number;
  readonly #waiters = new Set<Waiter>();
  #admittedBytes = 0;
  #refused = 0;

  constructor(clock: Clock, maxBytes: number, timeoutMs: number) {
    this.#clock = clock;
    this.#maxBytes = maxBytes;
    this.#timeoutMs = timeoutMs;
  }

  /** In bytes; one request alone may have more. */
  describe(): LimitUse {
    return { used: this.#admittedBytes, max: this.#maxBytes, refused: this.#refused };
  }

  /**
   * Resolves with the release, to be called once.
   * @throws {UnavailableError} as a rejection, when there is no room in time.
   * @throws the signal's reason, as a rejection, when it fires first.
   */
  enter(bytes: number, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        cancelTimer();
        signal.removeEventListener('abort', onAbort);
        this.#waiters.delete(waiter);
      };
      const admit = () => {
        leave();
        this.#admittedBytes += bytes;
        resolve(() => this.#release(bytes));
      };
      const refuse = (reason: unknown) => {
        leave();
        reject(reason);
        this.#admitNext();
      };
      const onAbort = () => refuse(signal.reason);
      const cancelTimer = startTimer(this.#clock, this.#timeoutMs, () => {
        this.#refused += 1;
        refuse(noRoom());
      });
      const waiter = { bytes, admit };
      this.#waiters.add(waiter);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort);
      this.#admitNext();
    });
  }

  #admitNext(): void {
    for (const { bytes, admit } of this.#waiters) {
      if (this.#admittedBytes > 0 && this.#admittedBytes + bytes > this.#maxBytes) return;
      admit();
    }
  }

  #release(bytes: number): void {
    this.#admittedBytes -= bytes;
    this.#admitNext();
  }
}

function noRoom(): UnavailableError {
  return new UnavailableError('other large requests left no room for this one in time', 'none');
}
