import type { LockSpace } from '../command/lock-path.js';
import type { Clock } from '../member/clock.js';
import type { LocksView } from '../view/locks-view.js';
import { startTimer } from './with-timeout.js';

/** One entry of one lock's queue. */
export interface QueueEntryName {
  readonly space: LockSpace;
  readonly name: string;
  readonly index: number;
}

export type GrantWaitEnd = 'granted' | 'removed' | 'timeout' | 'aborted';

interface Host {
  readonly state: { readonly locks: Pick<LocksView, 'queueEntry' | 'onQueueEntry'> };
  readonly clock: Clock;
}

/**
 * Waits until the queue entry holds the lock or is gone. Looking and listening happen in one turn
 * of the event loop, in which the state does not change, so that no change is missed between them.
 */
export function waitForGrant(
  { state, clock }: Host,
  entry: QueueEntryName,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<GrantWaitEnd> {
  return new Promise((resolve) => {
    let stopListening = () => {};
    let ended = false;
    const end = (how: GrantWaitEnd) => {
      ended = true;
      stopListening();
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
      resolve(how);
    };
    const look = () => {
      if (ended) return;
      const seen = state.locks.queueEntry(entry.space, entry.name, entry.index);
      if (seen === undefined) end('removed');
      else if (seen.holds) end('granted');
      else stopListening = listen();
    };
    // Listeners are called while the state changes, so the second look waits until that is over.
    const listen = () =>
      state.locks.onQueueEntry(entry.space, entry.name, entry.index, (change) => {
        if (change === 'lost') queueMicrotask(look);
        else end(change);
      });
    const onAbort = () => end('aborted');
    const cancelTimer = startTimer(clock, timeoutMs, () => end('timeout'));
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) end('aborted');
    else look();
  });
}
