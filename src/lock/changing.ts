import type { LockSpace } from '../command/command.js';
import type { StateView } from '../member/state-view.js';

/** What changes now and then, and when it last did. */
export interface Changing {
  /** An etcd index since which it has not changed. */
  readonly changedIndex: () => number;
  /** Tells after each change, and perhaps when there was none. Returns how to stop. */
  readonly onChange: (listener: () => void) => () => void;
}

/** Who holds one lock. */
export function holdersOf(
  state: Pick<StateView, 'holderChangedIndex' | 'onHolder'>,
  { space, name }: { readonly space: LockSpace; readonly name: string },
): Changing {
  return {
    changedIndex: () => state.holderChangedIndex(space, name),
    onChange: (listener) => state.onHolder(space, name, listener),
  };
}

/** Who holds, and who waits, anywhere in a space. */
export function placesOf(
  state: Pick<StateView, 'spaceChangedIndex' | 'onSpace'>,
  space: LockSpace,
): Changing {
  return {
    changedIndex: () => state.spaceChangedIndex(space),
    onChange: (listener) => state.onSpace(space, listener),
  };
}
