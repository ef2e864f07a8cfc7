interface Event {
  readonly at: number;
  readonly sequence: number;
  readonly run: () => void;
}

/**
 * True time of the simulated world, in milliseconds, and everything that will happen in it. Events
 * of one moment run in the order in which they were scheduled.
 */
export class Scheduler {
  now = 0;
  eventCount = 0;
  readonly #heap: Event[] = [];
  #nextSequence = 0;

  after(delayMs: number, run: () => void): void {
    this.#nextSequence += 1;
    this.#push({ at: this.now + Math.max(0, delayMs), sequence: this.#nextSequence, run });
  }

  /** Runs events until `endAt`; after each, all promises that it settled have been followed up. */
  async runUntil(endAt: number, afterEach: () => void): Promise<void> {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > endAt) break;
      this.#pop();
      this.now = next.at;
      this.eventCount += 1;
      next.run();
      await settled();
      afterEach();
    }
    this.now = endAt;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let hole = heap.length;
    heap.push(event);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(event, above)) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let hole = 0;
    for (;;) {
      const left = heap[2 * hole + 1];
      const right = heap[2 * hole + 2];
      if (left === undefined) break;
      const useRight = right !== undefined && isBefore(right, left);
      const child = useRight ? right : left;
      if (!isBefore(child, last)) break;
      heap[hole] = child;
      hole = 2 * hole + (useRight ? 2 : 1);
    }
    heap[hole] = last;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.sequence < other.sequence);
}

/** Resolves after the microtask queue has run dry. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
