import type { AppendTraffic } from './measurements.js';

/**
 * As in etcd: the rates are those of so many requests, the newest of which is no older than a
 * second.
 */
const window = 200;
const staleAfterMs = 1000;

/** Counts requests, and tells how fast the newest of them came. */
export class TrafficMeter {
  readonly #times = new Float64Array(window);
  readonly #sizes = new Float64Array(window);
  #count = 0;
  #bytes = 0;

  add(bytes: number, now: number): void {
    const slot = this.#count % window;
    this.#bytes += bytes - (this.#sizes[slot] ?? 0);
    this.#sizes[slot] = bytes;
    this.#times[slot] = now;
    this.#count += 1;
  }

  describe(now: number): AppendTraffic {
    const held = Math.min(this.#count, window);
    const newest = this.#times[(this.#count + window - 1) % window] ?? 0;
    const oldest = this.#times[(this.#count - held) % window] ?? 0;
    const seconds = (newest - oldest) / 1000;
    if (held < 2 || seconds <= 0 || now - newest > staleAfterMs) {
      return { count: this.#count, perSecond: 0, bytesPerSecond: 0 };
    }
    return {
      count: this.#count,
      perSecond: held / seconds,
      bytesPerSecond: this.#bytes / seconds,
    };
  }
}
