import { LockNotAcquiredError, RefusedError, UnavailableError } from './errors.js';
import { isGone, Lock, type LockSettings, leaseMargins, sendRenewal } from './lock.js';
import type { LockMessages } from './lock-messages.js';
import type { Answer, Requests } from './requests.js';

/** While it waits, a member gives a sign of life so often; one that does not is left. */
const progressSeconds = 5;
const silenceMs = 8000;

const lockNotAcquired = 111;

const withdrawMsMax = 4000;

/** A wait that has an end is over so long after it at the latest, if no member can serve. */
const lateMsMax = 3000;

export interface Patience {
  /** Seconds; 0 for one try, infinite for as long as it takes. */
  readonly timeout: number;
  /** For so long members may be unavailable meanwhile. */
  readonly unavailableMs: number;
  /** One member has so long to answer, beside the time for which it waits. */
  readonly attemptMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Waits until the place holds. Every request has the same value, so it is the same place through
 * all members, and asking again is safe. Throws LockNotAcquiredError, RefusedError,
 * UnavailableError, OutcomeUnknownError, or the signal's reason.
 */
export async function acquire(
  requests: Requests,
  messages: LockMessages,
  patience: Patience,
  settings: LockSettings,
): Promise<Lock> {
  const { clock } = requests.wire;
  const until = clock.now() + patience.timeout * 1000;
  let isGranted = false;
  try {
    for (;;) {
      isGranted = false;
      const answer = await ask(requests, messages, patience, until);
      if (answer === undefined) {
        if (clock.now() < until) continue;
        throw new LockNotAcquiredError(messages.title, patience.timeout);
      }
      isGranted = true;
      const token = Number(answer.body);
      const trustedFrom = await confirm(requests, messages, token, answer.sentAt, patience.signal);
      if (trustedFrom === undefined) continue;
      return new Lock(requests, messages, settings, { token, trustedFrom });
    }
  } catch (error) {
    const hadNoEffect = error instanceof RefusedError || error instanceof UnavailableError;
    if (isGranted || !hadNoEffect) withdraw(requests, messages);
    throw error;
  }
}

/** Undefined: somebody else held it for as long as this request waited, or took the place away. */
async function ask(
  requests: Requests,
  messages: LockMessages,
  { timeout, unavailableMs, attemptMs, signal }: Patience,
  until: number,
): Promise<Answer | undefined> {
  const leftMs = () => Math.max(0, until - requests.wire.clock.now());
  const limitMs = Math.min(unavailableMs, leftMs() + lateMsMax);
  try {
    if (timeout === 0) {
      const once = { ...messages.acquire({ timeout: 0 }), repeatable: 'idempotent' } as const;
      return await requests.send({ ...once, attemptMs, limitMs, unreachedMs: limitMs, signal });
    }
    return await requests.wait({
      messageOf: () => {
        const left = Math.max(1, Math.ceil(leftMs() / 1000));
        const isEndless = timeout === Number.POSITIVE_INFINITY;
        const timeLeft = { timeout: isEndless ? undefined : left };
        return messages.acquire({ ...timeLeft, progress: progressSeconds });
      },
      ...{ limitMs, silenceMs, signal },
    });
  } catch (error) {
    const isTaken = error instanceof RefusedError && error.errorCode === lockNotAcquired;
    if (isGone(error) || isTaken) return undefined;
    throw error;
  }
}

/**
 * When the TTL began at the latest: undefined if the place is gone. The answer to a long wait says
 * only that the TTL began after the wait did, and a renewal says more.
 */
async function confirm(
  requests: Requests,
  messages: LockMessages,
  token: number,
  sentAt: number,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const { clock } = requests.wire;
  if (clock.now() - sentAt < leaseMargins.renewal * messages.ttlMs) return sentAt;
  try {
    const answer = await sendRenewal(requests, messages, token, messages.ttlMs, signal);
    return answer.sentAt;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/**
 * What was granted just now and will not be used would keep others waiting for its TTL. Nobody
 * waits for this to succeed, since the TTL ends the place all the same.
 */
function withdraw(requests: Requests, { withdrawal }: LockMessages): void {
  if (withdrawal === undefined) return;
  const [attemptMs, limitMs] = [withdrawMsMax / 2, withdrawMsMax];
  requests.send({ ...withdrawal, repeatable: 'idempotent', attemptMs, limitMs }).catch(() => {});
}
