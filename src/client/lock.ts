import type { Clock } from './clock.js';
import { ConclaveError, LockLostError, RefusedError } from './errors.js';
import type { LockMessages } from './lock-messages.js';
import type { Answer, Requests } from './requests.js';

/** Shares of the TTL, counted from when the last request that was answered with "yes" was sent. */
export const leaseMargins = {
  /** After this the next renewal is due. */
  renewal: 1 / 3,
  /** For so long the lock is trusted. The rest covers clocks that differ, and a late timer. */
  trusted: 0.9,
  /** One member has so long to answer a renewal. */
  attempt: 1 / 9,
  /** Between two attempts to renew passes no more. */
  pause: 1 / 30,
} as const;

const attemptMsMin = 250;
const attemptMsMax = 5000;
const releaseMsMax = 10_000;

/** A timer is late by as long as the machine slept, so none is set for longer. */
const lookEveryMs = 1000;

/** @internal */
export interface LockSettings {
  /** Renew at a third of the TTL, until it is released. */
  readonly renewsItself: boolean;
  /** Called after each renewal that succeeded. */
  readonly onRenewed: ((lock: Lock) => void) | undefined;
}

/**
 * A place that holds a lock, or leads an election. `await using` releases it. Its signal is aborted
 * when the lock may be lost: whatever is done under the lock has to end then, before the TTL does.
 */
export class Lock implements AsyncDisposable {
  readonly name: string;
  /** Renews it for nobody else, and is told to others who hold the same lock. */
  readonly value: string;
  /** The index of the place: the fencing token, which grows from holder to holder. */
  readonly token: number;
  /**
   * Aborted with a `LockLostError`, at the deadline or when a member says that the place is gone.
   */
  readonly signal: AbortSignal;
  readonly #requests: Requests;
  readonly #messages: LockMessages;
  readonly #settings: LockSettings;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  #trustedFrom: number;
  #renewing: Promise<void> | undefined;
  #cancelTimer: () => void = () => undefined;

  /** @internal */
  constructor(
    requests: Requests,
    messages: LockMessages,
    settings: LockSettings,
    { token, trustedFrom }: { readonly token: number; readonly trustedFrom: number },
  ) {
    this.name = messages.name;
    this.value = messages.value;
    this.token = token;
    this.signal = this.#lost.signal;
    this.#requests = requests;
    this.#messages = messages;
    this.#settings = settings;
    this.#trustedFrom = trustedFrom;
    this.#look();
  }

  /**
   * On the client's clock, in milliseconds: nine tenths of the TTL after the last renewal was sent.
   */
  get deadline(): number {
    return this.#trustedFrom + leaseMargins.trusted * this.#messages.ttlMs;
  }

  /** Until the deadline. Not positive: the lock may be lost. */
  get remainingMs(): number {
    return this.deadline - this.#clock.now();
  }

  /** Looks at the clock, too, so it is right even before a late timer has aborted the signal. */
  get held(): boolean {
    if (this.remainingMs <= 0) this.#lose('expired', undefined);
    return !this.#lost.signal.aborted && !this.#ended.signal.aborted;
  }

  /**
   * Starts the TTL anew. It is repeated at other members until the deadline, which is safe. Throws
   * a `LockLostError`, and `UnavailableError` or `OutcomeUnknownError` at the deadline.
   */
  renew(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** Idempotent. It is safe also when the lock is lost: it names this place and no other. */
  async release(): Promise<void> {
    this.#end();
    const message = this.#messages.release(this.token);
    // When the TTL is over there is nothing left to release.
    const leftMs = this.#trustedFrom + this.#messages.ttlMs - this.#clock.now();
    const limitMs = Math.max(attemptMsMin, Math.min(releaseMsMax, leftMs));
    const attemptMs = releaseMsMax / 4;
    try {
      await this.#requests.send({ ...message, repeatable: 'idempotent', attemptMs, limitMs });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** Looks after it no longer: the lock ends with its TTL. */
  leave(): void {
    this.#end();
  }

  /** When no member can be told, the lock ends with its TTL, and nothing is thrown. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.release();
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
    }
  }

  get #clock(): Clock {
    return this.#requests.wire.clock;
  }

  async #renew(): Promise<void> {
    if (!this.held) throw this.signal.reason ?? new TypeError(`${this.name} was released`);
    let answer: Answer;
    try {
      answer = await sendRenewal(
        this.#requests,
        this.#messages,
        this.token,
        this.remainingMs,
        this.#ended.signal,
      );
    } catch (error) {
      if (isGone(error)) this.#lose('removed', error);
      this.signal.throwIfAborted();
      throw error;
    }
    this.signal.throwIfAborted();
    this.#trustedFrom = answer.sentAt;
    this.#look();
    this.#settings.onRenewed?.(this);
  }

  /** Renews when that is due, and gives the lock up at the deadline. */
  #look(): void {
    this.#cancelTimer();
    if (!this.held) return;
    const { renewsItself } = this.#settings;
    const renewAt = this.#trustedFrom + leaseMargins.renewal * this.#messages.ttlMs;
    const dueInMs = renewsItself ? renewAt - this.#clock.now() : Number.POSITIVE_INFINITY;
    if (dueInMs <= 0 && this.#renewing === undefined) this.#renewItself();
    const waitMs = Math.min(this.remainingMs, dueInMs > 0 ? dueInMs : lookEveryMs, lookEveryMs);
    this.#cancelTimer = this.#clock.after(waitMs, () => this.#look());
  }

  #renewItself(): void {
    this.renew().catch((error: unknown) => {
      // It is tried until the deadline, so what is left is that the time is over, or the release.
      if (!this.#ended.signal.aborted) this.#lose('expired', error);
    });
  }

  #lose(reason: LockLostError['reason'], cause: unknown): void {
    if (this.#lost.signal.aborted || this.#ended.signal.aborted) return;
    const error = new LockLostError(this.#messages.title, this.token, reason, cause);
    this.#end();
    this.#lost.abort(error);
  }

  #end(): void {
    this.#cancelTimer();
    this.#ended.abort(new TypeError(`${this.#messages.title} was released, or is lost`));
  }
}

/**
 * Ends with the first answer, or when `limitMs` are over.
 * @internal
 */
export function sendRenewal(
  requests: Requests,
  messages: LockMessages,
  token: number,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const { ttlMs } = messages;
  const attemptMs = Math.min(attemptMsMax, Math.max(attemptMsMin, leaseMargins.attempt * ttlMs));
  const pauseMsMax = leaseMargins.pause * ttlMs;
  const message = messages.renew(token);
  const request = { ...message, repeatable: 'idempotent', attemptMs, limitMs, pauseMsMax, signal };
  return requests.send({ ...request, repeatable: 'idempotent' });
}

/**
 * Nobody can renew or release what is not there.
 * @internal
 */
export function isGone(error: unknown): boolean {
  return error instanceof RefusedError && error.errorCode === 100;
}
