import type { StateView } from '../member/state-view.js';

/**
 * Resolves when the election's leader has changed at or after `waitIndex`; without it, with the next
 * change. False: the client left first.
 */
export function leaderChange(
  state: Pick<StateView, 'holderChangedIndex' | 'onHolder'>,
  name: string,
  waitIndex: number | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    if (waitIndex !== undefined && state.holderChangedIndex('leader', name) >= waitIndex) {
      return resolve(true);
    }
    const end = (changed: boolean) => {
      stopListening();
      signal.removeEventListener('abort', onAbort);
      resolve(changed);
    };
    const onAbort = () => end(false);
    const stopListening = state.onHolder('leader', name, () => end(true));
    signal.addEventListener('abort', onAbort);
  });
}
