import type { LockSpace } from '../command/lock-path.js';
import type { Queue, QueueEntry } from './node.js';

/** Structurally a reader's listener. */
export type QueueEntryListener = (change: 'granted' | 'removed' | 'lost') => void;
export type HolderListener = (change: 'changed' | 'lost') => void;
type SpaceListener = () => void;

/** Who waits for a queue entry or a holder to change. Told at the end of an apply, when all of it is done. */
export class LockListeners {
  /** By index: no two queue entries ever have the same. */
  readonly #entries = new Map<number, Set<QueueEntryListener>>();
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

  onQueueEntry(index: number, listener: QueueEntryListener): () => void {
    return listen(this.#entries, index, listener);
  }

  onHolder(space: LockSpace, name: string, listener: HolderListener): () => void {
    return listen(this.#holders[space], name, listener);
  }

  /** Whenever a queue entry comes, goes or begins to hold. A renewal is no change. */
  onSpace(space: LockSpace, listener: SpaceListener): () => void {
    const listeners = this.#spaces[space];
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Of the last change of that kind, or later. */
  spaceChangedIndex(space: LockSpace): number {
    return this.#spaceIndexes[space];
  }

  entryAdded(entry: QueueEntry): void {
    this.#changedSpaces.add(entry.queue.space);
  }

  entryChanged(entry: QueueEntry, change: 'granted' | 'removed'): void {
    this.#changedSpaces.add(entry.queue.space);
    const listeners = this.#entries.get(entry.index);
    if (listeners === undefined) return;
    this.#entries.delete(entry.index);
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
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const listeners of entries) tell(listeners, 'lost');
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
