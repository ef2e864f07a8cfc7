import type { Latency } from './measurements.js';

/** Running mean and variance after Welford: nothing is kept of the single values. */
export class LatencyMeter {
  #count = 0;
  #current = 0;
  #mean = 0;
  #squares = 0;
  #minimum = 0;
  #maximum = 0;

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    this.#count += 1;
    const distance = ms - this.#mean;
    this.#mean += distance / this.#count;
    this.#squares += distance * (ms - this.#mean);
    this.#current = ms;
    this.#minimum = this.#count === 1 ? ms : Math.min(this.#minimum, ms);
    this.#maximum = Math.max(this.#maximum, ms);
  }

  describe(): Latency {
    return {
      current: this.#current,
      average: this.#mean,
      standardDeviation: this.#count === 0 ? 0 : Math.sqrt(this.#squares / this.#count),
      minimum: this.#minimum,
      maximum: this.#maximum,
    };
  }
}
