import type { Clock } from '../member/clock.js';

export type TimedResult<T> =
  | { readonly type: 'done'; readonly value: T }
  | { readonly type: 'timeout' }
  | { readonly type: 'aborted' };

/** Stops waiting for `promise` after `timeoutMs`, or at `signal`. The promise itself goes on. */
export function withTimeout<T>(
  promise: Promise<T>,
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<TimedResult<T>> {
  return new Promise((resolve, reject) => {
    const onAbort = () => end(() => resolve({ type: 'aborted' }));
    const cancelTimer = startTimer(clock, timeoutMs, () => end(() => resolve({ type: 'timeout' })));
    const end = (settle: () => void) => {
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    promise.then(
      (value) => end(() => resolve({ type: 'done', value })),
      (error: unknown) => end(() => reject(error)),
    );
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}

/** Like `Clock.after`, but an infinite delay starts no timer. */
export function startTimer(clock: Clock, delayMs: number, callback: () => void): () => void {
  return Number.isFinite(delayMs) ? clock.after(Math.max(0, delayMs), callback) : () => {};
}
