/** What bounds the window; all but `intervals` in entry bytes. */
export interface WindowLimits {
  /** It never falls below this. */
  readonly floor: number;
  readonly ceiling: number;
  /** So many heartbeat intervals are remembered. */
  readonly intervals: number;
}

/**
 * Twice what was acknowledged, so that the window grows until the link, or its ceiling, is what
 * limits it.
 */
const gain = 2;

/**
 * How many entry bytes may be on their way to one follower: twice what it acknowledged in the best
 * of the last heartbeat intervals. So what waits before a slow link is what the link carries in two
 * intervals, and the window of a fast one doubles with each round trip. The best counts, rather
 * than the last, because a follower's disk acknowledges in bursts.
 */
export class AppendWindow {
  readonly #limits: WindowLimits;
  /** Acknowledged bytes, one sum per interval; a ring. */
  readonly #sums: number[];
  #open = 0;
  #best = 0;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
    this.#sums = Array.from({ length: limits.intervals }, () => 0);
  }

  get bytes(): number {
    const { floor, ceiling } = this.#limits;
    return Math.max(floor, Math.min(ceiling, gain * this.#best));
  }

  acknowledged(bytes: number): void {
    const sum = (this.#sums[this.#open] ?? 0) + bytes;
    this.#sums[this.#open] = sum;
    if (sum > this.#best) this.#best = sum;
  }

  /** A heartbeat interval has passed: the oldest one is forgotten. */
  beat(): void {
    this.#open = (this.#open + 1) % this.#sums.length;
    this.#sums[this.#open] = 0;
    this.#best = Math.max(...this.#sums);
  }
}
