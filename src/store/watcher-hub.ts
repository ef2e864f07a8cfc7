import type { NodeEvent } from '../command/event.js';
import { isHidden } from '../command/path.js';

/** Structurally the request of a reader's `watch`. */
export interface WatchOptions {
  readonly path: string;
  readonly recursive: boolean;
  readonly stream: boolean;
  readonly sinceIndex: number;
  readonly onEvent: (event: NodeEvent) => void;
  readonly onCleared: () => void;
}

/** Who watches what, by path: an event finds its watchers on its own way up to the root. */
export class WatcherHub {
  readonly #watchers = new Map<string, Set<WatchOptions>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(watcher: WatchOptions): void {
    const watchers = this.#watchers.get(watcher.path);
    if (watchers === undefined) this.#watchers.set(watcher.path, new Set([watcher]));
    else watchers.add(watcher);
    this.#count += 1;
  }

  /** Idempotent. */
  remove(watcher: WatchOptions): void {
    const watchers = this.#watchers.get(watcher.path);
    if (watchers?.delete(watcher) !== true) return;
    this.#count -= 1;
    if (watchers.size === 0) this.#watchers.delete(watcher.path);
  }

  notify(event: NodeEvent): void {
    if (this.#count === 0) return;
    const { key } = event.node;
    this.#notifyAt('/', event, false);
    for (let end = key.indexOf('/', 1); end > 0; end = key.indexOf('/', end + 1)) {
      this.#notifyAt(key.slice(0, end), event, false);
    }
    if (key !== '/') this.#notifyAt(key, event, false);
  }

  /** The paths below `directory` that somebody watches. */
  watchedBelow(directory: string): readonly string[] {
    if (this.#count === 0) return [];
    const prefix = `${directory}/`;
    return [...this.#watchers.keys()].filter((path) => path.startsWith(prefix));
  }

  /** The key at `path` went because a directory above it did; that is the event. */
  notifyRemoved(path: string, event: NodeEvent): void {
    this.#notifyAt(path, event, true);
  }

  #notifyAt(path: string, event: NodeEvent, removed: boolean): void {
    const watchers = this.#watchers.get(path);
    if (watchers === undefined) return;
    const { key, modifiedIndex } = event.node;
    const isKey = key === path;
    if (!isKey && isHidden(path, key)) return;
    for (const watcher of watchers) {
      if (!(watcher.recursive || isKey || removed)) continue;
      if (modifiedIndex < watcher.sinceIndex) continue;
      if (!watcher.stream) this.remove(watcher);
      watcher.onEvent(event);
    }
  }

  /** Everybody goes, and is told. */
  clear(): void {
    const all = [...this.#watchers.values()].flatMap((watchers) => [...watchers]);
    this.#watchers.clear();
    this.#count = 0;
    for (const watcher of all) watcher.onCleared();
  }
}
