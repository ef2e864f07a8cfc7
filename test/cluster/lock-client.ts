import type { AcquireOperation, Claim, SeenEntry, TokenOperation } from '../history/operation.js';
import type { Recorder } from '../history/recorder.js';
import type { Random } from '../simulation/random.js';
import type { LockReply, LockRequests } from './lock-requests.js';

/** Which lock is in use just now, and where what happens to it is written down. */
export interface LockInUse {
  readonly name: string;
  readonly recorder: Recorder;
  /** One who asks has one of these. */
  readonly claims: readonly Claim[];
}

export interface LockClientWorld {
  readonly requests: LockRequests;
  /** Where members serve clients. */
  readonly urls: readonly string[];
  readonly lockOf: (group: number) => LockInUse;
  readonly thinkMsMax: number;
  readonly stopped: () => boolean;
}

interface Wanted {
  readonly value: string;
  readonly ttl: number;
  readonly claim: Claim;
  readonly keep: boolean;
  /** The index of the place to come back to. */
  readonly place: number | undefined;
}

const requestLimitMs = 10_000;

/**
 * One user of locks, who asks any member, renews, looks, forgets, and sometimes leaves while it
 * waits.
 */
export class LockClient {
  readonly #name: string;
  readonly #group: number;
  readonly #world: LockClientWorld;
  readonly #random: Random;
  readonly #ttl: number;

  constructor(name: string, group: number, world: LockClientWorld, random: Random) {
    this.#name = name;
    this.#group = group;
    this.#world = world;
    this.#random = random;
    this.#ttl = random.between(1, 2);
  }

  async run(): Promise<void> {
    while (!this.#world.stopped()) {
      await this.#sleep(this.#random.float() * this.#world.thinkMsMax);
      const lock = this.#world.lockOf(this.#group);
      if (this.#random.chance(0.25)) await this.#look(lock);
      else await this.#use(lock);
    }
  }

  async #use(lock: LockInUse): Promise<void> {
    const value = this.#random.pick(['', '', this.#name, 'joint']);
    const ttl = value === 'joint' ? 2 : this.#ttl;
    const token = await this.#acquire(lock, value, ttl);
    if (token === undefined) return;
    for (let renewals = this.#random.between(0, 2); renewals > 0; renewals -= 1) {
      await this.#sleep(this.#random.float() * ttl * 500);
      if ((await this.#renew(lock, token, ttl)) !== 'ok') return;
    }
    await this.#sleep(this.#random.logBetween(1, 100));
    if (this.#random.chance(0.93)) await this.#release(lock, token);
  }

  /** Comes back to a place that was kept, through any member, some times. */
  async #acquire(lock: LockInUse, value: string, ttl: number): Promise<number | undefined> {
    // A client that joins a queue entry must ask for the same mode and limit as the others.
    const [usual] = lock.claims;
    const claim = value === '' || usual === undefined ? this.#random.pick(lock.claims) : usual;
    const keep = this.#random.chance(0.5);
    let place: number | undefined;
    for (let rounds = keep ? this.#random.between(2, 5) : 1; rounds > 0; rounds -= 1) {
      const result = await this.#ask(lock, { value, ttl, claim, keep, place });
      if (result?.type === 'ok') return result.token;
      if (result?.type === 'kept' || result?.type === 'left') place = result.token;
      // Without an answer, as after a crash of the member, its value or index still finds the
      // place.
      else if (result?.type !== 'unknown' || (value === '' && place === undefined))
        return undefined;
    }
    return undefined;
  }

  async #ask(
    lock: LockInUse,
    { value, ttl, claim, keep, place }: Wanted,
  ): Promise<AcquireOperation['result'] | undefined> {
    const timeout = this.#random.pick(keep ? [1, 1, 5] : [0, 1, 5]);
    const limitMs = this.#random.chance(0.1) ? this.#random.logBetween(1, 2000) : requestLimitMs;
    const told = lock.recorder.acquire({
      ...{ client: this.#name, lock: lock.name, value, claim, place },
      ...{ ttlMs: ttl * 1000, tryOnly: timeout === 0 },
    });
    const named = place === undefined ? { value } : { index: place };
    const form = { ...named, ttl, timeout, keep: String(keep), ...claim };
    const result = acquireResult(await this.#send(lock, 'POST', form, limitMs));
    told(result);
    return result;
  }

  async #renew(lock: LockInUse, token: number, ttl: number): Promise<TokenOperation['result']> {
    const asked = { client: this.#name, lock: lock.name, token };
    const told = lock.recorder.renew({ ...asked, ttlMs: ttl * 1000 });
    const result = entryResult(await this.#send(lock, 'PUT', { index: token, ttl }));
    told(result);
    return result;
  }

  async #release(lock: LockInUse, token: number): Promise<void> {
    const told = lock.recorder.release({ client: this.#name, lock: lock.name, token });
    told(entryResult(await this.#send(lock, 'DELETE', { index: token })));
  }

  async #look(lock: LockInUse): Promise<void> {
    const told = lock.recorder.view({ client: this.#name, lock: lock.name });
    const reply = await this.#send(lock, 'GET', {});
    if (reply.type !== 'answer' || reply.status !== 200) return;
    const { holders, queue } = JSON.parse(reply.body) as Record<string, readonly QueueEntry[]>;
    if (holders === undefined || queue === undefined) throw new Error(`not a lock: ${reply.body}`);
    told({ holders: holders.map(seen), waiting: queue.map(seen) });
  }

  #send(
    lock: LockInUse,
    method: string,
    form: Readonly<Record<string, string | number>>,
    limitMs = requestLimitMs,
  ): Promise<LockReply> {
    const url = `${this.#random.pick(this.#world.urls)}/mod/v2/lock/${lock.name}`;
    return this.#world.requests.send(method, url, form, limitMs);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((later) => setTimeout(later, ms));
  }
}

interface QueueEntry {
  readonly index: number;
  readonly value: string;
}

function seen({ index, value }: QueueEntry): SeenEntry {
  return { token: index, value };
}

/** Undefined when nothing of it took effect. */
function acquireResult(reply: LockReply): AcquireOperation['result'] | undefined {
  if (reply.type === 'none') return undefined;
  if (reply.type === 'lost') return { type: 'unknown' };
  switch (reply.status) {
    case 200:
      return { type: 'ok', token: Number(reply.body) };
    case 404:
      return { type: 'removed' };
    // The connection was closed for being idle, or for the member to stop.
    case 408:
      return undefined;
    case 409:
      return takenResult(reply.body);
    case 503: {
      const { place } = JSON.parse(reply.body) as Refusal;
      return place === undefined ? { type: 'unknown' } : { type: 'left', token: place };
    }
    default:
      throw new Error(`an acquire was answered ${reply.status}: ${reply.body}`);
  }
}

interface Refusal {
  readonly errorCode: number;
  readonly place?: number;
}

/** Undefined when it asked for a mode or a limit that is not the lock's. */
function takenResult(body: string): AcquireOperation['result'] | undefined {
  const { errorCode, place } = JSON.parse(body) as Refusal;
  if (errorCode !== 111) return undefined;
  return place === undefined ? { type: 'fail' } : { type: 'kept', token: place };
}

function entryResult(reply: LockReply): TokenOperation['result'] {
  if (reply.type !== 'answer' || [408, 503].includes(reply.status)) return 'unknown';
  if (reply.status === 200) return 'ok';
  if (reply.status === 404) return 'fail';
  throw new Error(`a renewal or release was answered ${reply.status}: ${reply.body}`);
}
