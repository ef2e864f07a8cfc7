import type { LockSpace } from '../../command/lock-path.js';
import type { HolderListener } from '../../view/holder-change.js';
import type { QueueEntryListener } from '../../view/queue-entry.js';
import type { Queue, QueueEntry } from './queue.js';

type SpaceListener = () => void;

/** Listeners for changes of queue entries and holders. They are called at the end of an apply. */
export class LockListeners {
  /** By index, which no two queue entries ever share. */
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

  /** Called whenever a queue entry is added, removed or granted. A renewal is no change. */
  onSpace(space: LockSpace, listener: SpaceListener): () => void {
    const listeners = this.#spaces[space];
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** The index of the last change that `onSpace` reports, or a later one. */
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

  /** Calls the listeners of all changes so far. */
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

  /** A snapshot has replaced the state. */
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

/** Skips listeners that were removed or added by the calls before. */
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
