import { type Failure, failureOf, hasCode, keyNotFound } from '../api/failure.js';
import { watchKeys } from '../api/key-watch.js';
import { type KeyEvent, readKey } from '../api/keys.js';
import { Batch } from '../live/batch.js';
import { pause } from '../live/pause.js';
import { cleanKey, parentOf } from './key-path.js';
import { type KeyTree, withEvents, withFolder, withListing, withoutFolder } from './key-tree.js';

export type WatchState =
  | { readonly type: 'connecting' }
  | { readonly type: 'live' }
  | { readonly type: 'broken'; readonly failure: Failure | undefined };

export interface KeyTreeState {
  readonly tree: KeyTree;
  readonly watch: WatchState;
}

export interface KeyTreeOptions {
  /** The folder that is open: all that happens in it is shown. */
  readonly root: string;
  readonly hidden: boolean;
  readonly onChange: (state: KeyTreeState) => void;
  /** The path is a key, no folder: it is shown in the folder that holds it. */
  readonly onKey: (key: string, folder: string) => void;
}

const retryMinMs = 500;
const retryMaxMs = 5_000;

/**
 * Keeps what is shown of the keys as it is: lists the folders that are open, watches the root, and
 * lists anew whenever the watch was interrupted. While nobody looks it does nothing.
 */
export class KeyTreeStore {
  readonly #options: KeyTreeOptions;
  readonly #batch: Batch<KeyEvent>;
  #state: KeyTreeState = { tree: new Map(), watch: { type: 'connecting' } };
  #running: AbortController | undefined;
  #retryMs = retryMinMs;

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
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#running?.abort();
    this.#running = undefined;
  }

  /** To be called when there is reason to think that the watch hears nothing any more. */
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
      const failure = await this.#follow(signal);
      if (signal.aborted) return;
      this.#set({ ...this.#state, watch: { type: 'broken', failure } });
      await pause(this.#retryMs, signal);
      this.#retryMs = Math.min(2 * this.#retryMs, retryMaxMs);
    }
  }

  /** Until the watch ends; resolves with the reason, if there is one. */
  async #follow(signal: AbortSignal): Promise<Failure | undefined> {
    try {
      const etcdIndex = await this.#listAll(signal);
      if (etcdIndex === undefined) return undefined;
      await watchKeys({
        folder: this.#options.root,
        sinceIndex: etcdIndex + 1,
        onOpen: () => {
          this.#retryMs = retryMinMs;
          this.#set({ ...this.#state, watch: { type: 'live' } });
        },
        onEvents: (events) => {
          if (!signal.aborted) this.#batch.add(events);
        },
        signal,
      });
      return undefined;
    } catch (error) {
      return failureOf(error);
    }
  }

  /** The root first. Resolves with its index, or undefined when it could not be listed. */
  async #listAll(signal: AbortSignal): Promise<number | undefined> {
    const { root } = this.#options;
    const others = [...this.#state.tree.keys()].filter((path) => path !== root);
    const etcdIndex = await this.#list(root, signal);
    for (const path of others) await this.#list(path, signal);
    return etcdIndex;
  }

  async #list(path: string, signal: AbortSignal): Promise<number | undefined> {
    try {
      const listing = await readKey(path, this.#options.hidden, signal);
      if (!listing.node.isFolder) {
        this.#options.onKey(cleanKey(path), parentOf(cleanKey(path)));
        return undefined;
      }
      this.#setTree(withListing(this.#state.tree, path, listing));
      return listing.etcdIndex;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (path !== this.#options.root && hasCode(error, keyNotFound)) {
        this.closeFolder(path);
        return undefined;
      }
      this.#noteFailure(path, failureOf(error));
      if (path === this.#options.root) throw error;
      return undefined;
    }
  }

  /** What was listed before stays in sight; the state of the watch says that it is old. */
  #noteFailure(path: string, failure: Failure): void {
    if (this.#state.tree.get(path)?.type === 'loaded' && failure.type !== 'refused') return;
    this.#setTree(withFolder(this.#state.tree, path, { type: 'failed', failure }));
  }

  #setTree(tree: KeyTree): void {
    this.#set({ ...this.#state, tree });
  }

  #set(state: KeyTreeState): void {
    this.#state = state;
    this.#options.onChange(state);
  }
}
