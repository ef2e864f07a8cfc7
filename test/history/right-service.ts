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
    readonly waiter: Waiter;
  }): 'queued' | 'refused' {
    const { value, ttlMs, claim, waiter } = asked;
    const joined = value === '' ? undefined : this.#queue.find((entry) => entry.value === value);
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
    this.#queue.push({ token, value, claim, ttlMs, renewals: 0, holds: false, waiters });
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

  /** Whether it holds, and goes on to: it is kept if that is asked for. */
  leave(waiter: Waiter, keepIfHolder: boolean): number | undefined {
    const entry = this.#queue.find(({ waiters }) => waiters.has(waiter));
    if (entry === undefined) return undefined;
    if (entry.holds && keepIfHolder) return entry.token;
    entry.waiters.delete(waiter);
    if (entry.waiters.size === 0) this.#remove(entry);
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
