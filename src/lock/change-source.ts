import type { LockSpace } from '../command/lock-path.js';
import type { LocksView } from '../view/locks-view.js';

/** A part of the state that a client can wait on, as with `wait=true`. */
export interface ChangeSource {
  /** The etcd index of its last change, or a later one with none in between. */
  readonly changedIndex: () => number;
  /** Calls the listener after each change, and perhaps without one. Returns how to unsubscribe. */
  readonly onChange: (listener: () => void) => () => void;
}

/** The holders of one lock. */
export function holderChangesOf(
  locks: Pick<LocksView, 'holderChangedIndex' | 'onHolder'>,
  { space, name }: { readonly space: LockSpace; readonly name: string },
): ChangeSource {
  return {
    changedIndex: () => locks.holderChangedIndex(space, name),
    onChange: (listener) => locks.onHolder(space, name, listener),
  };
}

/** The holders and waiters of all locks, or of all elections. */
export function spaceChangesOf(
  locks: Pick<LocksView, 'spaceChangedIndex' | 'onSpace'>,
  space: LockSpace,
): ChangeSource {
  return {
    changedIndex: () => locks.spaceChangedIndex(space),
    onChange: (listener) => locks.onSpace(space, listener),
  };
}

/**
 * Resolves with true when there is a change at or after `sinceIndex`, and with false when the
 * client is gone first. Listening begins before the first look, so that no change is missed between
 * them.
 */
export function changeSince(
  { changedIndex, onChange }: ChangeSource,
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
