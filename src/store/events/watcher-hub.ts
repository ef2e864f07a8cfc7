import type { NodeEvent } from '../../command/event.js';
import { isHidden, joinPath } from '../../command/path.js';
import type { WatchRequest } from '../../view/watch.js';

/** The hub tells watches apart by identity. */
export interface Watch {
  readonly request: WatchRequest;
  /** The index that the request names, or that at which it began. */
  readonly sinceIndex: number;
}

/** A path with a watcher at it or below it. It need not exist in the tree. */
class WatchedPath {
  readonly parent: WatchedPath | undefined;
  readonly name: string;
  readonly watchers = new Set<Watch>();
  children: Map<string, WatchedPath> | undefined;

  constructor(parent: WatchedPath | undefined, name: string) {
    this.parent = parent;
    this.name = name;
    this.children = undefined;
  }

  get isIdle(): boolean {
    return this.watchers.size === 0 && this.children === undefined;
  }

  open(name: string): WatchedPath {
    this.children ??= new Map();
    const known = this.children.get(name);
    if (known !== undefined) return known;
    const child = new WatchedPath(this, name);
    this.children.set(name, child);
    return child;
  }

  drop(name: string): void {
    this.children?.delete(name);
    if (this.children?.size === 0) this.children = undefined;
  }
}

/**
 * The watchers, in a tree of their own. An event finds its watchers on the path to its key, and
 * stops where no watcher is below.
 */
export class WatcherHub {
  #root = new WatchedPath(undefined, '');
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(watcher: Watch): void {
    let at = this.#root;
    for (const name of segmentsOf(watcher.request.path)) at = at.open(name);
    at.watchers.add(watcher);
    this.#count += 1;
  }

  /** Idempotent. */
  remove(watcher: Watch): void {
    const at = this.#find(watcher.request.path);
    if (at?.watchers.delete(watcher) !== true) return;
    this.#count -= 1;
    prune(at);
  }

  #find(path: string): WatchedPath | undefined {
    let at: WatchedPath | undefined = this.#root;
    for (const name of segmentsOf(path)) at = at?.children?.get(name);
    return at;
  }

  notify(event: NodeEvent): void {
    if (this.#count === 0) return;
    const { key } = event.node;
    let at: WatchedPath | undefined = this.#root;
    let end = 0;
    while (at !== undefined && end < key.length) {
      if (at.watchers.size > 0)
        this.#notifyAt(at, end === 0 ? '/' : key.slice(0, end), event, false);
      const start = end + 1;
      const slash = key.indexOf('/', start);
      end = slash < 0 ? key.length : slash;
      at = at.children?.get(key.slice(start, end));
    }
    if (at !== undefined) this.#notifyAt(at, key, event, false);
  }

  /** The watched paths below `directory`. */
  watchedBelow(directory: string): readonly string[] {
    const at = this.#find(directory);
    if (at === undefined) return [];
    const paths: string[] = [];
    for (const [{ watchers }, path] of below(at, directory)) {
      if (watchers.size > 0) paths.push(path);
    }
    return paths;
  }

  /**
   * The key at `path` was removed with a directory above it. The event is that of the directory.
   */
  notifyRemoved(path: string, event: NodeEvent): void {
    const at = this.#find(path);
    if (at !== undefined) this.#notifyAt(at, path, event, true);
  }

  #notifyAt(at: WatchedPath, path: string, event: NodeEvent, removed: boolean): void {
    const { key, modifiedIndex } = event.node;
    const isKey = key === path;
    if (!isKey && isHidden(path, key)) return;
    for (const watcher of at.watchers) {
      const { request, sinceIndex } = watcher;
      if (!(request.recursive || isKey || removed)) continue;
      if (modifiedIndex < sinceIndex) continue;
      if (!request.stream) this.remove(watcher);
      request.onEvent(event);
    }
  }

  /** Removes all watchers, and tells them. */
  clear(): void {
    const all = [...this.#root.watchers];
    for (const [{ watchers }] of below(this.#root, '/')) {
      for (const watcher of watchers) all.push(watcher);
    }
    this.#root = new WatchedPath(undefined, '');
    this.#count = 0;
    for (const watcher of all) watcher.request.onCleared();
  }
}

function segmentsOf(path: string): readonly string[] {
  return path === '/' ? [] : path.slice(1).split('/');
}

/** Removes the paths that have no watcher at or below them. */
function prune(from: WatchedPath): void {
  let at: WatchedPath | undefined = from;
  while (at?.isIdle === true) {
    at.parent?.drop(at.name);
    at = at.parent;
  }
}

/** All paths below. Without recursion, since a watched path may be as deep as a request is long. */
function* below(at: WatchedPath, path: string): Iterable<readonly [WatchedPath, string]> {
  const pending: (readonly [WatchedPath, string])[] = [[at, path]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [parent, parentPath] = next;
    for (const child of parent.children?.values() ?? []) {
      const found = [child, joinPath(parentPath, child.name)] as const;
      yield found;
      pending.push(found);
    }
  }
}
