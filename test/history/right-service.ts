import type { Random } from '../simulation/random.js';
import type { Scheduler } from '../simulation/scheduler.js';
import { mayHoldTogether } from './hold-rule.js';
import type { Claim, SeenPlace } from './operation.js';

interface Place {
  readonly token: number;
  readonly value: string;
  readonly claim: Claim;
  ttlMs: number;
  renewals: number;
  holds: boolean;
  /** Who waits to be told. */
  readonly waiters: Set<Waiter>;
}

export interface Waiter {
  readonly onGranted: (token: number) => void;
  readonly onRemoved: () => void;
}

/** One lock that does everything right, without a cluster: each call takes effect when it is made. */
export class RightService {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  #queue: Place[] = [];
  #newest = 0;

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler;
    this.#random = random;
  }

  acquire(asked: {
    readonly value: string;
    readonly ttlMs: number;
    readonly claim: Claim;
    readonly tryOnly: boolean;
    readonly waiter: Waiter;
  }): 'queued' | 'refused' {
    const { value, ttlMs, claim, waiter } = asked;
    const joined = value === '' ? undefined : this.#queue.find((place) => place.value === value);
    if (joined?.holds === true) {
      joined.waiters.clear();
      this.#startTtl(joined, ttlMs);
      waiter.onGranted(joined.token);
      return 'queued';
    }
    const claims = this.#queue.map((place) => place.claim);
    const waits = this.#queue.some(({ holds }) => !holds) || !mayHoldTogether([...claims, claim]);
    if (asked.tryOnly && waits) return 'refused';
    if (joined !== undefined) {
      joined.ttlMs = Math.max(joined.ttlMs, ttlMs);
      joined.waiters.add(waiter);
      return 'queued';
    }
    this.#newest += this.#random.between(1, 3);
    const waiters = new Set([waiter]);
    const token = this.#newest;
    this.#queue.push({ token, value, claim, ttlMs, renewals: 0, holds: false, waiters });
    this.#grant();
    return 'queued';
  }

  renew(token: number, ttlMs: number): boolean {
    const place = this.#queue.find((each) => each.token === token);
    if (place === undefined) return false;
    if (place.holds) this.#startTtl(place, ttlMs);
    else place.ttlMs = ttlMs;
    return true;
  }

  release(token: number): boolean {
    const place = this.#queue.find((each) => each.token === token);
    if (place !== undefined) this.#remove(place);
    return place !== undefined;
  }

  /** Whether it holds, and goes on to: it is kept if that is asked for. */
  leave(waiter: Waiter, keepIfHolder: boolean): number | undefined {
    const place = this.#queue.find(({ waiters }) => waiters.has(waiter));
    if (place === undefined) return undefined;
    if (place.holds && keepIfHolder) return place.token;
    place.waiters.delete(waiter);
    if (place.waiters.size === 0) this.#remove(place);
    return undefined;
  }

  view(): { holders: SeenPlace[]; waiting: SeenPlace[] } {
    const shown = (places: readonly Place[]) =>
      places.map(({ token, value }) => ({ token, value }));
    return {
      holders: shown(this.#queue.filter(({ holds }) => holds)),
      waiting: shown(this.#queue.filter(({ holds }) => !holds)),
    };
  }

  #grant(): void {
    for (const [position, place] of this.#queue.entries()) {
      if (place.holds) continue;
      const claims = this.#queue.slice(0, position + 1).map(({ claim }) => claim);
      if (!mayHoldTogether(claims)) return;
      place.holds = true;
      this.#startTtl(place, place.ttlMs);
      for (const waiter of place.waiters) waiter.onGranted(place.token);
    }
  }

  #startTtl(place: Place, ttlMs: number): void {
    place.ttlMs = ttlMs;
    place.renewals += 1;
    const { renewals } = place;
    this.#scheduler.after(ttlMs + this.#random.float() * 200, () => {
      if (place.renewals === renewals && this.#queue.includes(place)) this.#remove(place);
    });
  }

  #remove(place: Place): void {
    this.#queue = this.#queue.filter((each) => each !== place);
    for (const waiter of place.waiters) waiter.onRemoved();
    this.#grant();
  }
}
