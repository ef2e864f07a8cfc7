import { type Failure, failureOf, hasCode, keyNotFound } from '../api/failure.js';
import { watchKeys } from '../api/key-events.js';
import { type KeyEvent, readKey } from '../api/key-requests.js';
import { Batch } from '../live/batch.js';
import { pause } from '../live/pause.js';
import { ancestorsOf, cleanKey, parentOf } from './key-path.js';
import {
  isBelow,
  type KeyTree,
  removes,
  withEvents,
  withFolder,
  withListing,
  withoutFolder,
} from './key-tree.js';

export type WatchState =
  | { readonly type: 'connecting' }
  | { readonly type: 'live' }
  /** There is no such folder. The page is told when it is created. */
  | { readonly type: 'missing' }
  | { readonly type: 'broken'; readonly failure: Failure | undefined };

export interface KeyTreeState {
  readonly tree: KeyTree;
  readonly watch: WatchState;
}

export interface KeyTreeOptions {
  /** The open folder, at the root of the shown tree. */
  readonly root: string;
  readonly hidden: boolean;
  readonly onChange: (state: KeyTreeState) => void;
  /** Called when the path turns out to be a key: its folder is opened instead. */
  readonly onKey: (key: string, folder: string) => void;
}

const retryMinMs = 500;
const retryMaxMs = 5_000;
const hiddenEveryMs = 3_000;

/** The outcome of a listing: the index that it includes, or at which there was no such folder. */
type Listed = { readonly etcdIndex: number } | { readonly missingAt: number };

/** Whether the event means that the open folder came or went. */
type FolderEnds = (event: KeyEvent) => boolean;

/**
 * Keeps the shown keys up to date: lists the open folders, watches the root, and lists again after
 * the watch was interrupted. It stops while the tab is hidden.
 */
export class KeyTreeStore {
  readonly #options: KeyTreeOptions;
  readonly #batch: Batch<KeyEvent>;
  #state: KeyTreeState = { tree: new Map(), watch: { type: 'connecting' } };
  #running: AbortController | undefined;
  #retryMs = retryMinMs;
  #isStopped = false;
  #listings = 0;
  /**
   * Kept while a folder is being listed: the listing may be older than they are, and arrive later.
   */
  #meanwhile: KeyEvent[] = [];

  constructor(options: KeyTreeOptions) {
    this.#options = options;
    this.#batch = new Batch((events) => this.#setTree(withEvents(this.#state.tree, events)));
    this.#state = {
      ...this.#state,
      tree: withFolder(new Map(), options.root, { type: 'loading' }),
    };
  }

  start(): void {
    document.addEventListener('visibilitychange', this.#onVisibility);
    this.#onVisibility();
  }

  stop(): void {
    this.#isStopped = true;
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#running?.abort();
    this.#running = undefined;
  }

  /** Opens the folders on the way to the key. */
  reveal(key: string): void {
    for (const path of ancestorsOf(parentOf(key))) {
      const isOnTheWay = path !== this.#options.root && isBelow(path, this.#options.root);
      if (isOnTheWay && !this.#state.tree.has(path)) void this.openFolder(path);
    }
  }

  /** To be called when the watch may be dead. */
  restart(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#retryMs = retryMinMs;
    this.#onVisibility();
  }

  async openFolder(path: string): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#setTree(withFolder(this.#state.tree, path, { type: 'loading' }));
    await this.#list(path, running.signal);
  }

  closeFolder(path: string): void {
    this.#setTree(withoutFolder(this.#state.tree, path));
  }

  readonly #onVisibility = (): void => {
    if (document.hidden) {
      this.#running?.abort();
      this.#running = undefined;
    } else if (this.#running === undefined) {
      this.#running = new AbortController();
      void this.#run(this.#running.signal);
    }
  };

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const end = await this.#follow(signal);
      if (signal.aborted) return;
      if (end === 'list again') continue;
      this.#set({ ...this.#state, watch: { type: 'broken', failure: end } });
      await pause(this.#retryMs, signal);
      this.#retryMs = Math.min(2 * this.#retryMs, retryMaxMs);
    }
  }

  /**
   * Resolves when the watch ends, with the failure, if any. When the folder comes or goes, that
   * ends the watch, too.
   */
  async #follow(signal: AbortSignal): Promise<Failure | undefined | 'list again'> {
    const { root, hidden } = this.#options;
    const following = new AbortController();
    const stop = () => following.abort();
    signal.addEventListener('abort', stop);
    let listAgain = false;
    const watch = async (state: WatchState, sinceIndex: number, ends: FolderEnds) => {
      await watchKeys({
        folder: root,
        sinceIndex,
        onOpen: () => {
          this.#retryMs = retryMinMs;
          this.#set({ ...this.#state, watch: state });
        },
        onEvents: (events) => {
          if (following.signal.aborted) return;
          listAgain = events.some(ends);
          if (listAgain) stop();
          else this.#addEvents(events);
        },
        signal: following.signal,
      });
      return undefined;
    };
    try {
      const listed = await this.#listAll(signal);
      if (listed === undefined) return undefined;
      if ('missingAt' in listed) {
        return await watch({ type: 'missing' }, listed.missingAt + 1, () => true);
      }
      if (hidden) void this.#lookAgain(following.signal);
      const isGone = (event: KeyEvent) => removes(event, root);
      return await watch({ type: 'live' }, listed.etcdIndex + 1, isGone);
    } catch (error) {
      return listAgain ? 'list again' : failureOf(error);
    } finally {
      stop();
      signal.removeEventListener('abort', stop);
    }
  }

  #addEvents(events: readonly KeyEvent[]): void {
    if (this.#listings > 0) this.#meanwhile.push(...events);
    this.#batch.add(events);
  }

  /** A watch above hidden keys does not report them. A failure is left to the watch to report. */
  async #lookAgain(signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(hiddenEveryMs, signal);
      if (signal.aborted) return;
      await this.#listAll(signal).catch(() => undefined);
    }
  }

  /** Lists the root first. Resolves with its index; undefined when that failed. */
  async #listAll(signal: AbortSignal): Promise<Listed | undefined> {
    const { root } = this.#options;
    const others = [...this.#state.tree.keys()].filter((path) => path !== root);
    const listed = await this.#list(root, signal);
    if (listed !== undefined && 'missingAt' in listed) return listed;
    for (const path of others) await this.#list(path, signal);
    return listed;
  }

  async #list(path: string, signal: AbortSignal): Promise<Listed | undefined> {
    this.#listings += 1;
    try {
      const listing = await readKey(path, this.#options.hidden, signal);
      if (!listing.node.isFolder) {
        this.#options.onKey(cleanKey(path), parentOf(cleanKey(path)));
        return undefined;
      }
      this.#setTree(withEvents(withListing(this.#state.tree, path, listing), this.#meanwhile));
      return { etcdIndex: listing.etcdIndex };
    } catch (error) {
      if (signal.aborted) return undefined;
      if (path !== this.#options.root && hasCode(error, keyNotFound)) {
        this.closeFolder(path);
        return undefined;
      }
      const failure = failureOf(error);
      this.#noteFailure(path, failure);
      if (failure.type === 'refused' && failure.errorCode === keyNotFound) {
        return { missingAt: failure.index };
      }
      if (path === this.#options.root) throw error;
      return undefined;
    } finally {
      this.#listings -= 1;
      if (this.#listings === 0) this.#meanwhile = [];
    }
  }

  /** The last listing stays visible; the state of the watch says that it is old. */
  #noteFailure(path: string, failure: Failure): void {
    if (this.#state.tree.get(path)?.type === 'loaded' && failure.type !== 'refused') return;
    this.#setTree(withFolder(this.#state.tree, path, { type: 'failed', failure }));
  }

  #setTree(tree: KeyTree): void {
    this.#set({ ...this.#state, tree });
  }

  #set(state: KeyTreeState): void {
    // A request under way may still end.
    if (this.#isStopped) return;
    this.#state = state;
    this.#options.onChange(state);
  }
}
