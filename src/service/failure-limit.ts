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

/**
 * One host of IPv6 has all addresses of a network of 64 bits. One of IPv4 is the same when a socket
 * of IPv6 took its connection.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [digits = '', zone] = address.split('%');
  const groups = groupsOf(digits);
  const [high = 0, low = 0] = groups.slice(6);
  if (groups.slice(0, 6).join() === '0,0,0,0,0,65535') {
    return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  }
  const network = groups.slice(0, 4).map((group) => group.toString(16));
  return zone === undefined ? network.join(':') : `${network.join(':')}%${zone}`;
}

/** The eight numbers of an address of IPv6 (RFC 4291, section 2.2). */
function groupsOf(digits: string): readonly number[] {
  const [front = [], back = []] = digits.split('::').map(numbersOf);
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => 0);
  return [...front, ...zeros, ...back];
}

function numbersOf(digits: string): readonly number[] {
  if (digits === '') return [];
  return digits.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
