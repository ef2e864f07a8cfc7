import { doublingBounds, Histogram, type HistogramCounts } from '../histogram.js';

interface WrittenBatch {
  readonly lastIndex: number;
  readonly startedAt: number;
}

/**
 * Measures how long a batch of entries takes from the start of its write on this member until this
 * member applies its last entry: the disk, the majority, and the way there and back.
 */
export class CommitMeter {
  readonly #durations = new Histogram(commitBounds);
  #written: WrittenBatch[] = [];

  written(lastIndex: number, startedAt: number): void {
    this.#written.push({ lastIndex, startedAt });
  }

  /** All entries up to the index are applied. */
  applied(index: number, now: number): void {
    let done = 0;
    for (const { lastIndex, startedAt } of this.#written) {
      if (lastIndex > index) break;
      this.#durations.add(now - startedAt);
      done += 1;
    }
    if (done > 0) this.#written = this.#written.slice(done);
  }

  /** Another leader may replace what is not committed. */
  forget(): void {
    this.#written = [];
  }

  describe(): HistogramCounts {
    return this.#durations.describe();
  }
}

/** Milliseconds: up to 8 seconds. */
const commitBounds = doublingBounds(1, 14);
