import type { Changing } from './changing.js';

/**
 * Resolves when a change at or after `sinceIndex` has come. False: the client left first. Listening
 * comes before looking in one turn, so that no change is missed between them.
 */
export function changeSince(
  { changedIndex, onChange }: Changing,
  sinceIndex: number,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const end = (changed: boolean) => {
      stopListening();
      signal.removeEventListener('abort', onAbort);
      resolve(changed);
    };
    const onAbort = () => end(false);
    const look = () => {
      if (changedIndex() >= sinceIndex) end(true);
    };
    const stopListening = onChange(look);
    signal.addEventListener('abort', onAbort);
    look();
  });
}
