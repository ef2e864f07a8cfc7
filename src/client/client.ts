import { acquire } from './acquire.js';
import { type Clock, SystemClock } from './clock.js';
import { Endpoints } from './endpoints.js';
import { UnavailableError } from './errors.js';
import type { Fetch } from './exchange.js';
import { Keys } from './keys.js';
import type { Lock } from './lock.js';
import { electionMessages, type LockMessages, lockMessages } from './lock-messages.js';
import { type LockSummary, type LockView, listLocks, readLock, releasePlace } from './lock-view.js';
import {
  addMember,
  listMembers,
  type MemberSummary,
  type MemberToAdd,
  removeMember,
  type Transfer,
  transferLeadership,
  updateMember,
} from './members.js';
import { type Leadership, observe } from './observe.js';
import { type RequestLimits, Requests } from './requests.js';

export interface ClientOptions {
  /** URLs at which members serve clients; several, so that one of them may be away. */
  readonly endpoints: readonly string[];
  /** For how long a request is tried at one member after the other. 10 000 if left out. */
  readonly requestTimeoutMs?: number;
  /** The same while no endpoint can be connected to, but for waits. No less if left out. */
  readonly unreachedTimeoutMs?: number;
  /** For how long one member may take. 5000 if left out. */
  readonly attemptTimeoutMs?: number;
  /** Whose rights the requests have. Without one they are those of a guest. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  /** From 0 up to 1, for pauses that are not the same for all clients. */
  readonly random?: () => number;
}

/** HTTP's Basic authentication, in UTF-8 (RFC 7617). */
function authorizationOf({ user, password = '' }: ClientOptions): string | undefined {
  if (user === undefined) return undefined;
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** What locks and elections have in common. */
export interface WaitOptions {
  /** How long the place lasts without a renewal, in whole seconds. 30 if left out. */
  readonly ttl?: number;
  /** How long to wait, in whole seconds; 0 for one try. If left out, as long as it takes. */
  readonly timeout?: number;
  /** Ends the wait with its reason. It has no effect on a lock that is held. */
  readonly signal?: AbortSignal;
  /** False: the lock is not renewed by itself. */
  readonly renew?: boolean;
  /** Called after each renewal that succeeded, with the new deadline. */
  readonly onRenewed?: (lock: Lock) => void;
}

export interface LockOptions extends WaitOptions {
  /** Names the place. A random one if left out: clients with the same value share one place. */
  readonly value?: string;
  /**
   * Nobody else asks with this value, so a place that is not wanted any more is removed by it. True
   * for a random one.
   */
  readonly isOwnValue?: boolean;
  /** `shared`: holds together with other shared places. */
  readonly mode?: 'exclusive' | 'shared';
  /** So many may hold together. */
  readonly limit?: number;
}

export interface ElectOptions extends WaitOptions {
  /** The name under which it leads. Candidates with the same name share one place. */
  readonly value: string;
}

/** For how long a member may be silent while it writes a snapshot for a backup. */
const snapshotMsMax = 300_000;

/**
 * A client of one cluster. It keeps nothing open between requests, so there is nothing to close.
 */
export class ConclaveClient {
  readonly keys: Keys;
  readonly #requests: Requests;
  readonly #limits: RequestLimits;

  constructor(options: ClientOptions) {
    const { attemptTimeoutMs = 5000, requestTimeoutMs = 10_000 } = options;
    const { unreachedTimeoutMs: unreachedMs = requestTimeoutMs } = options;
    const clock = options.clock ?? new SystemClock(() => performance.now(), Date.now);
    const random = options.random ?? Math.random;
    const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
    const endpoints = new Endpoints(options.endpoints, clock, random);
    const authorization = authorizationOf(options);
    this.#requests = new Requests({ fetch, clock, authorization }, endpoints);
    this.#limits = { attemptMs: attemptTimeoutMs, limitMs: requestTimeoutMs, unreachedMs };
    this.keys = new Keys(this.#requests, this.#limits);
  }

  /**
   * Waits for the lock, first come, first served. It is renewed until it is released. Throws a
   * `LockNotAcquiredError` when it was not free in time.
   */
  lock(name: string, options: LockOptions = {}): Promise<Lock> {
    const { value = crypto.randomUUID(), mode, limit, ttl = 30 } = options;
    const { isOwnValue = options.value === undefined } = options;
    const claim = { name, value, isOwnValue, ttl };
    return this.#acquire(lockMessages(claim, { mode, limit }), options);
  }

  /** Waits until `value` leads. The leadership is a lock: it is renewed until it is released. */
  elect(name: string, options: ElectOptions): Promise<Lock> {
    const { value, ttl = 30 } = options;
    return this.#acquire(electionMessages({ name, value, isOwnValue: false, ttl }), options);
  }

  /**
   * Runs `work` under the lock, and releases it. Throws what `work` throws, and a `LockLostError`
   * if the lock was lost meanwhile, whatever `work` made of that.
   */
  async using<T>(name: string, options: LockOptions, work: (lock: Lock) => Promise<T>): Promise<T> {
    const lock = await this.lock(name, options);
    try {
      const result = await work(lock);
      if (!lock.held) throw lock.signal.reason;
      return result;
    } catch (error) {
      throw lock.signal.aborted ? lock.signal.reason : error;
    } finally {
      await lock[Symbol.asyncDispose]();
    }
  }

  /** Who leads now, and every change, in the order of the log. `signal` ends it with its reason. */
  observe(
    name: string,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<Leadership, void, undefined> {
    return observe(this.#requests, name, this.#limits.attemptMs, signal);
  }

  /** Who holds a lock and who waits for it, as of now. */
  inspect(name: string, options: { readonly signal?: AbortSignal } = {}): Promise<LockView> {
    return readLock(this.#requests, name, this.#limits, options.signal);
  }

  /** The members of the cluster, in the order of their ids. */
  members(): Promise<readonly MemberSummary[]> {
    return listMembers(this.#requests, this.#limits);
  }

  /** Lets a member join, and resolves with its id. It is to be started then. */
  addMember(member: MemberToAdd): Promise<string> {
    return addMember(this.#requests, this.#limits, member);
  }

  /** Removes the member with this id, for good. */
  removeMember(id: string): Promise<void> {
    return removeMember(this.#requests, this.#limits, id);
  }

  /** Tells the others where they reach the member with this id from now on. */
  updateMember(id: string, peerURLs: readonly string[]): Promise<void> {
    return updateMember(this.#requests, this.#limits, id, peerURLs);
  }

  /** Moves the leadership of the cluster: to the named member, or to the most up-to-date one. */
  transferLeadership(to?: string): Promise<Transfer> {
    return transferLeadership(this.#requests, this.#limits, to);
  }

  /**
   * The bytes of a backup of the whole cluster, as a member sends them. They end early when the
   * connection breaks: `conclave check` tells. The next call then asks another member.
   */
  async backup(
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<AsyncGenerator<Uint8Array, void, undefined>> {
    const message = { method: 'GET', path: '/v2/admin/backup', form: {} } as const;
    const limits = { ...this.#limits, signal: options.signal };
    const request = { ...message, repeatable: 'read', ...limits } as const;
    const { bytes, leave } = await this.#requests.bytes(request, snapshotMsMax);
    leave();
    return bytes;
  }

  /** Every lock, as it is when its page is read: locks may come and go between two pages. */
  locks(): AsyncGenerator<LockSummary, void, undefined> {
    return listLocks(this.#requests, this.#limits);
  }

  /**
   * Removes a place that holds or waits, whosoever it is. False: it was not there. Releasing by the
   * token is safe to repeat; by the value it may remove a later place with that value. `force` says
   * that somebody else than the owner does it; the cluster remembers that.
   */
  release(
    name: string,
    place: { readonly token: number } | { readonly value: string },
    options: { readonly force?: boolean } = {},
  ): Promise<boolean> {
    return releasePlace(this.#requests, name, this.#limits, { ...place, ...options });
  }

  /**
   * What the member that answers takes for the time, in whole seconds. Throws an `UnavailableError`
   * when the answer comes without a date: a proxy may drop it, and a browser hides it from pages of
   * other origins.
   */
  async time(options: { readonly signal?: AbortSignal } = {}): Promise<Date> {
    const message = { method: 'GET', path: '/health', form: {}, repeatable: 'read' } as const;
    const limits = { ...this.#limits, signal: options.signal };
    const { wallTimeMs } = await this.#requests.send({ ...message, ...limits });
    if (!Number.isNaN(wallTimeMs)) return new Date(wallTimeMs);
    throw new UnavailableError(true, new Error('the answer has no date'));
  }

  async #acquire(messages: LockMessages, options: WaitOptions): Promise<Lock> {
    const { timeout = Number.POSITIVE_INFINITY, signal, renew = true, onRenewed } = options;
    const { attemptMs, limitMs } = this.#limits;
    const patience = { timeout, attemptMs, unavailableMs: limitMs, signal };
    return acquire(this.#requests, messages, patience, { renewsItself: renew, onRenewed });
  }
}
