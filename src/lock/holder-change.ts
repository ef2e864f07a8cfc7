import type { LockSpace } from '../command/command.js';
import type { StateView } from '../member/state-view.js';

/**
 * Resolves when the lock has changed hands at or after `sinceIndex`. False: the client left first.
 * Listening comes before looking in one turn, so that no change is missed between them.
 */
export function holderChange(
  state: Pick<StateView, 'holderChangedIndex' | 'onHolder'>,
  lock: { readonly space: LockSpace; readonly name: string },
  sinceIndex: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { space, name } = lock;
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const end = (changed: boolean) => {
      stopListening();
      signal.removeEventListener('abort', onAbort);
      resolve(changed);
    };
    const onAbort = () => end(false);
    // A snapshot that replaces the state tells everybody, whether their lock has changed or not.
    const look = () => {
      if (state.holderChangedIndex(space, name) >= sinceIndex) end(true);
    };
    const stopListening = state.onHolder(space, name, look);
    signal.addEventListener('abort', onAbort);
    look();
  });
}
