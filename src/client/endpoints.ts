import type { Clock } from './clock.js';

const firstPauseMs = 100;
const longestPauseMs = 1000;

interface Endpoint {
  readonly url: string;
  /** In a row. */
  failures: number;
  /** Before this nobody asks it, if another one can be asked. */
  restsUntil: number;
}

/**
 * The members that the client may ask. It stays with one as long as that one answers, and a member
 * that failed rests for a while: as long as it asked for, or longer with each failure.
 */
export class Endpoints {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #all: readonly Endpoint[];
  #current = 0;

  constructor(urls: readonly string[], clock: Clock, random: () => number) {
    if (urls.length === 0) throw new TypeError('name an endpoint at least');
    this.#clock = clock;
    this.#random = random;
    // One that is given twice would be asked again in place of another.
    const distinct = [...new Set(urls.map(checked))];
    this.#all = distinct.map((url) => ({ url, failures: 0, restsUntil: -Infinity }));
    // Clients that were given the same list do not all ask the same member.
    this.#current = Math.floor(random() * this.#all.length);
  }

  get count(): number {
    return this.#all.length;
  }

  /** The member to ask next, and how long to wait before. */
  next(): { readonly url: string; readonly waitMs: number } {
    const inOrder = this.#all.map((_, step) => this.#at(this.#current + step));
    const now = this.#clock.now();
    const [first] = inOrder.toSorted(
      (one, other) => Math.max(one.restsUntil, now) - Math.max(other.restsUntil, now),
    );
    const { url, restsUntil } = first ?? this.#at(0);
    return { url, waitMs: Math.max(0, restsUntil - now) };
  }

  succeeded(url: string): void {
    const position = this.#all.findIndex((endpoint) => endpoint.url === url);
    const endpoint = this.#at(position);
    endpoint.failures = 0;
    endpoint.restsUntil = -Infinity;
    this.#current = position;
  }

  /** `restMs`: how long the member asked to be left alone; undefined when it said nothing. */
  failed(url: string, restMs: number | undefined): void {
    const position = this.#all.findIndex((endpoint) => endpoint.url === url);
    const endpoint = this.#at(position);
    const longestMs = Math.min(longestPauseMs, firstPauseMs * 2 ** endpoint.failures);
    endpoint.failures += 1;
    endpoint.restsUntil = this.#clock.now() + (restMs ?? longestMs * (0.5 + 0.5 * this.#random()));
    if (this.#current === position) this.#current = (position + 1) % this.#all.length;
  }

  /** Asks another member next, without a word against this one. */
  leave(url: string): void {
    const position = this.#all.findIndex((endpoint) => endpoint.url === url);
    this.#current = (position + 1) % this.#all.length;
  }

  #at(position: number): Endpoint {
    const endpoint = this.#all[position % this.#all.length];
    if (endpoint === undefined) throw new TypeError('no such endpoint');
    return endpoint;
  }
}

function checked(url: string): string {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new TypeError(`endpoint "${url}" must be a URL such as http://127.0.0.1:4001`);
  }
  return url.replace(/\/+$/, '');
}
