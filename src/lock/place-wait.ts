import type { LockSpace } from '../command/command.js';
import type { Clock } from '../member/clock.js';
import type { StateView } from '../member/state-view.js';
import { startTimer } from './with-timeout.js';

/** One place in the queue of one lock. */
export interface PlaceName {
  readonly space: LockSpace;
  readonly name: string;
  readonly index: number;
}

export type WaitEnd = 'granted' | 'removed' | 'timeout' | 'aborted';

interface Surroundings {
  readonly state: Pick<StateView, 'place' | 'onPlace'>;
  readonly clock: Clock;
}

/**
 * Waits until the place holds or is gone. Looking and listening happen in one turn of the event
 * loop, between which the state does not change, so that nothing is missed between them.
 */
export function waitForPlace(
  { state, clock }: Surroundings,
  place: PlaceName,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<WaitEnd> {
  return new Promise((resolve) => {
    let stopListening = () => {};
    let ended = false;
    const end = (how: WaitEnd) => {
      ended = true;
      stopListening();
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
      resolve(how);
    };
    const look = () => {
      if (ended) return;
      const seen = state.place(place.space, place.name, place.index);
      if (seen === undefined) end('removed');
      else if (seen.holds) end('granted');
      else stopListening = listen();
    };
    // A listener is called while the state changes, so a second look waits until it has changed.
    const listen = () =>
      state.onPlace(place.space, place.name, place.index, (change) => {
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
