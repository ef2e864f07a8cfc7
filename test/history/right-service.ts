import type { Random } from '../simulation/random.js';
import type { Scheduler } from '../simulation/scheduler.js';
import { mayHoldTogether } from './hold-rule.js';
import type { Claim, SeenEntry } from './operation.js';

interface QueueEntry {
  readonly token: number;
  readonly value: string;
  readonly claim: Claim;
  ttlMs: number;
  renewals: number;
  holds: boolean;
  /** Whoever leaves it, it waits until then at least. Undefined if nobody was told so. */
  keptUntil: number | undefined;
  /** The clients that wait for an answer. */
  readonly waiters: Set<Waiter>;
}

export interface Waiter {
  readonly onGranted: (token: number) => void;
  readonly onRemoved: () => void;
}

/**
 * One lock that does everything right, without a cluster: each call takes effect when it is made.
 */
export class RightService {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  #queue: QueueEntry[] = [];
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
    readonly place: number | undefined;
    readonly waiter: Waiter;
  }): 'queued' | 'refused' {
    const { value, ttlMs, claim, place, waiter } = asked;
    const joined = this.#queue.find(({ token, ...entry }) =>
      place === undefined ? value !== '' && entry.value === value : token === place,
    );
    if (joined === undefined && place !== undefined) {
      waiter.onRemoved();
      return 'queued';
    }
    if (joined?.holds === true) {
      joined.waiters.clear();
      this.#startTtl(joined, ttlMs);
      waiter.onGranted(joined.token);
      return 'queued';
    }
    const claims = this.#queue.map((entry) => entry.claim);
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
    this.#queue.push({
      token,
      value,
      claim,
      ttlMs,
      renewals: 0,
      holds: false,
      keptUntil: undefined,
      waiters,
    });
    this.#grant();
    return 'queued';
  }

  renew(token: number, ttlMs: number): boolean {
    const entry = this.#queue.find((each) => each.token === token);
    if (entry === undefined) return false;
    if (entry.holds) this.#startTtl(entry, ttlMs);
    else entry.ttlMs = ttlMs;
    return true;
  }

  release(token: number): boolean {
    const entry = this.#queue.find((each) => each.token === token);
    if (entry !== undefined) this.#remove(entry);
    return entry !== undefined;
  }

  /** Its queue entry waits for as long as its TTL; undefined if it holds or has gone. */
  stepBack(waiter: Waiter): number | undefined {
    const entry = this.#queue.find(({ waiters }) => waiters.has(waiter));
    if (entry === undefined || entry.holds) return undefined;
    entry.waiters.delete(waiter);
    entry.keptUntil = this.#scheduler.now + entry.ttlMs;
    this.#removeOnceOver(entry, entry.keptUntil);
    return entry.token;
  }

  #removeOnceOver(entry: QueueEntry, keptUntil: number): void {
    entry.renewals += 1;
    const { renewals } = entry;
    this.#scheduler.after(Math.max(0, keptUntil - this.#scheduler.now), () => {
      const isAlone = entry.renewals === renewals && entry.waiters.size === 0;
      if (isAlone && this.#queue.includes(entry)) this.#remove(entry);
    });
  }

  /** Whether it holds, and goes on to: it is kept if that is asked for. */
  leave(waiter: Waiter, keepIfHolder: boolean): number | undefined {
    const entry = this.#queue.find(({ waiters }) => waiters.has(waiter));
    if (entry === undefined) return undefined;
    if (entry.holds && keepIfHolder) return entry.token;
    entry.waiters.delete(waiter);
    if (entry.waiters.size > 0) return undefined;
    if (entry.keptUntil === undefined || keepIfHolder) this.#remove(entry);
    else if (!entry.holds) this.#removeOnceOver(entry, entry.keptUntil);
    return undefined;
  }

  view(): { holders: SeenEntry[]; waiting: SeenEntry[] } {
    const shown = (entries: readonly QueueEntry[]) =>
      entries.map(({ token, value }) => ({ token, value }));
    return {
      holders: shown(this.#queue.filter(({ holds }) => holds)),
      waiting: shown(this.#queue.filter(({ holds }) => !holds)),
    };
  }

  #grant(): void {
    for (const [position, entry] of this.#queue.entries()) {
      if (entry.holds) continue;
      const claims = this.#queue.slice(0, position + 1).map(({ claim }) => claim);
      if (!mayHoldTogether(claims)) return;
      entry.holds = true;
      this.#startTtl(entry, entry.ttlMs);
      for (const waiter of entry.waiters) waiter.onGranted(entry.token);
    }
  }

  #startTtl(entry: QueueEntry, ttlMs: number): void {
    entry.ttlMs = ttlMs;
    entry.renewals += 1;
    const { renewals } = entry;
    this.#scheduler.after(ttlMs + this.#random.float() * 200, () => {
      if (entry.renewals === renewals && this.#queue.includes(entry)) this.#remove(entry);
    });
  }

  #remove(entry: QueueEntry): void {
    this.#queue = this.#queue.filter((each) => each !== entry);
    for (const waiter of entry.waiters) waiter.onRemoved();
    this.#grant();
  }
}
