/** How many values lie between two bounds each, and their sum. */
export interface HistogramCounts {
  /** Each bucket includes its upper bound. What is above the last bound has a bucket too. */
  readonly bounds: readonly number[];
  /** One more than there are bounds. A bucket does not count those below it. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Counts in plain fields, since it is fed where every request passes; others read it seldom. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds ascending. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  add(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  describe(): HistogramCounts {
    return { bounds: this.#bounds, counts: [...this.#counts], sum: this.#sum };
  }
}

/** So many bounds, each the double of the one before. */
export function doublingBounds(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, power) => first * 2 ** power);
}
