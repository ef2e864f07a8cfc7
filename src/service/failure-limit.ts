import type { Clock } from '../member/clock.js';

/** A network may fail so often at once, and then once in each interval. */
const failuresMax = 10;
const intervalMs = 6000;
/** Networks that are remembered. Beyond it the one that failed longest ago is forgotten. */
const networksMax = 10_000;

/** Counts what failed from each network, so that nobody can try one password after the other. */
export class FailureLimit {
  readonly #clock: Clock;
  /** When the network will have failures left as if it had never failed, on the member's clock. */
  readonly #clearAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the network may fail again; zero when it may now. */
  delayMs(network: string): number {
    const clearAt = this.#clearAt.get(network) ?? 0;
    return Math.max(0, clearAt - this.#clock.now() - (failuresMax - 1) * intervalMs);
  }

  failed(network: string): void {
    const now = this.#clock.now();
    const clearAt = Math.max(now, this.#clearAt.get(network) ?? now) + intervalMs;
    this.#clearAt.delete(network);
    this.#clearAt.set(network, clearAt);
    this.#forgetOldest();
  }

  #forgetOldest(): void {
    const [oldest] = this.#clearAt.keys();
    if (this.#clearAt.size > networksMax && oldest !== undefined) this.#clearAt.delete(oldest);
  }
}

/** One host of IPv6 has all addresses of a network of 64 bits. */
export function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  return address.split(':').slice(0, 4).join(':');
}
