import { ConclaveClient, ConclaveError, type Lock } from '../../src/client/index.js';
import type { Random } from '../simulation/random.js';
import type { LockUser } from './lock-campaign.js';
import type { LockClientWorld, LockInUse } from './lock-client.js';
import { RecordedRequests } from './recorded-requests.js';

/** From when to when somebody believed that it held a lock which only one may hold. */
export interface Belief {
  readonly user: string;
  readonly lock: string;
  readonly token: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Uses locks through the client library, with its renewals, its fail-over and its deadlines. Every
 * request that the library sends is written down as an operation of its own.
 */
export class LibraryUser implements LockUser {
  readonly #name: string;
  readonly #group: number;
  readonly #world: LockClientWorld;
  readonly #random: Random;
  readonly #beliefs: Belief[];
  readonly #client: ConclaveClient;
  readonly #requests: RecordedRequests;
  /** Which lock it uses, and where that is written down; the world may have others by now. */
  #lock: LockInUse;

  constructor(
    name: string,
    group: number,
    world: LockClientWorld,
    random: Random,
    beliefs: Belief[],
  ) {
    this.#name = name;
    this.#requests = new RecordedRequests(name);
    this.#group = group;
    this.#lock = world.lockOf(group);
    this.#world = world;
    this.#random = random;
    this.#beliefs = beliefs;
    this.#client = new ConclaveClient({
      endpoints: world.urls,
      random: () => random.float(),
      fetch: (url, init) => this.#recorded(new URL(url), init),
    });
  }

  async run(): Promise<void> {
    while (!this.#world.stopped()) {
      await this.#sleep(this.#random.float() * this.#world.thinkMsMax);
      this.#lock = this.#world.lockOf(this.#group);
      await this.#use(this.#lock.name);
    }
  }

  async #use(name: string): Promise<void> {
    const stop = new AbortController();
    const leaving = this.#random.chance(0.1)
      ? setTimeout(() => stop.abort(new Left('left')), this.#random.logBetween(1, 2000))
      : undefined;
    const [ttl, timeout] = [this.#random.between(1, 2), this.#random.pick([0, 1, 5])];
    let lock: Lock;
    try {
      lock = await this.#client.lock(name, { ttl, timeout, signal: stop.signal });
    } catch (error) {
      if (error instanceof ConclaveError || error instanceof Left) return;
      throw error;
    } finally {
      clearTimeout(leaving);
    }
    const from = performance.now();
    await this.#work(lock, this.#random.logBetween(1, 3000));
    this.#beliefs.push({
      user: this.#name,
      lock: name,
      token: lock.token,
      from,
      to: performance.now(),
    });
    await lock[Symbol.asyncDispose]();
  }

  /** Until it has what it wants, or the lock may be lost. */
  async #work(lock: Lock, ms: number): Promise<void> {
    await new Promise<void>((done) => {
      const timer = setTimeout(done, ms);
      lock.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        done();
      });
    });
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((later) => setTimeout(later, ms));
  }

  async #recorded(url: URL, init: RequestInit): Promise<Response> {
    const form = new URLSearchParams(init.body instanceof URLSearchParams ? init.body : '');
    const told = this.#requests.begin(this.#lock, init.method ?? '', form);
    try {
      const response = await fetch(url, init);
      const body = await response.text();
      told(response.status, body);
      return new Response(body, { status: response.status, headers: response.headers });
    } catch (error) {
      told(undefined, '');
      throw error;
    }
  }
}

/** Why it no longer waits. */
class Left extends Error {}

/** A line for each two who believed at one time that they held the same lock. */
export function overlaps(beliefs: readonly Belief[]): readonly string[] {
  const inOrder = beliefs.toSorted((one, other) => one.from - other.from);
  const latest = new Map<string, Belief>();
  const found: string[] = [];
  for (const belief of inOrder) {
    const before = latest.get(belief.lock);
    if (before !== undefined && before.to > belief.from) {
      const ms = (before.to - belief.from).toFixed(1);
      found.push(`${belief.lock}: ${before.token} and ${belief.token} for ${ms} ms`);
    }
    if (before === undefined || before.to < belief.to) latest.set(belief.lock, belief);
  }
  return found;
}
