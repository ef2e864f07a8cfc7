import type { LockSpace } from '../command/lock-path.js';
import type { Place, Queue } from './node.js';

/** Structurally a reader's listener. */
export type PlaceChangeListener = (change: 'granted' | 'removed' | 'lost') => void;
export type HolderListener = (change: 'changed' | 'lost') => void;
type SpaceListener = () => void;

/** Who waits for a place or a holder to change. Told at the end of an apply, when all of it is done. */
export class LockListeners {
  /** By index: no two places ever have the same. */
  readonly #places = new Map<number, Set<PlaceChangeListener>>();
  readonly #holders: Readonly<Record<LockSpace, Map<string, Set<HolderListener>>>> = {
    lock: new Map(),
    leader: new Map(),
  };
  readonly #spaces: Readonly<Record<LockSpace, Set<SpaceListener>>> = {
    lock: new Set(),
    leader: new Set(),
  };
  readonly #changedSpaces = new Set<LockSpace>();
  readonly #spaceIndexes = { lock: 0, leader: 0 };
  #changes: (() => void)[] = [];

  onPlace(index: number, listener: PlaceChangeListener): () => void {
    return listen(this.#places, index, listener);
  }

  onHolder(space: LockSpace, name: string, listener: HolderListener): () => void {
    return listen(this.#holders[space], name, listener);
  }

  /** Whenever a place comes, goes or begins to hold. A renewal is no change. */
  onSpace(space: LockSpace, listener: SpaceListener): () => void {
    const listeners = this.#spaces[space];
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Of the last change of that kind, or later. */
  spaceChangedIndex(space: LockSpace): number {
    return this.#spaceIndexes[space];
  }

  placeAdded(place: Place): void {
    this.#changedSpaces.add(place.queue.space);
  }

  placeChanged(place: Place, change: 'granted' | 'removed'): void {
    this.#changedSpaces.add(place.queue.space);
    const listeners = this.#places.get(place.index);
    if (listeners === undefined) return;
    this.#places.delete(place.index);
    this.#changes.push(() => tell(listeners, change));
  }

  holderChanged({ space, name }: Queue): void {
    const listeners = this.#holders[space].get(name);
    if (listeners === undefined) return;
    this.#changes.push(() => tell(listeners, 'changed'));
  }

  /** Calls whom the changes so far concern. */
  flush(etcdIndex: number): void {
    if (this.#changedSpaces.size > 0) this.#tellSpaces(etcdIndex);
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    for (const change of changes) change();
  }

  #tellSpaces(etcdIndex: number): void {
    for (const space of this.#changedSpaces) {
      this.#spaceIndexes[space] = etcdIndex;
      tell(this.#spaces[space], undefined);
    }
    this.#changedSpaces.clear();
  }

  /** Another state took the place of this one. */
  lose(etcdIndex: number): void {
    this.#changedSpaces.add('lock').add('leader');
    this.#tellSpaces(etcdIndex);
    const places = [...this.#places.values()];
    this.#places.clear();
    for (const listeners of places) tell(listeners, 'lost');
    const holders = [...this.#holders.lock.values(), ...this.#holders.leader.values()];
    for (const listeners of holders) tell(listeners, 'lost');
  }
}

/** Not those that were stopped meanwhile, nor those that began. */
function tell<T>(listeners: ReadonlySet<(change: T) => void>, change: T): void {
  for (const listener of [...listeners]) if (listeners.has(listener)) listener(change);
}

function listen<K, L>(all: Map<K, Set<L>>, key: K, listener: L): () => void {
  const listeners = all.get(key) ?? new Set();
  all.set(key, listeners.add(listener));
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && all.get(key) === listeners) all.delete(key);
  };
}
