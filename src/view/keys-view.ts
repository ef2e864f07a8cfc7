import type { CommandError } from '../command/command-result.js';
import type { NodeEvent } from '../command/event.js';
import type { Result } from '../result.js';
import type { GetOptions, ListingView } from './listing.js';
import type { StoreStatistics } from './store-statistics.js';
import type { Watcher, WatchRequest } from './watch.js';

/** The tree of keys. */
export interface KeysView {
  /** A 'get' event with the node (and its children; with `recursive`, theirs too), or why not. */
  get(path: string, options: GetOptions): Result<NodeEvent, CommandError>;

  isDirectory(path: string): boolean;

  /** Whether `get` would take more time than the member can spare at once. */
  isHeavy(path: string, recursive: boolean): boolean;
  /** What `get` shows of a directory that is there, step by step, as it is now. */
  list(path: string, options: GetOptions): ListingView;

  /**
   * The event at or after `sinceIndex` that is still in the history comes first, if there is one.
   */
  watch(request: WatchRequest): Result<Watcher, CommandError>;

  statistics(): StoreStatistics;
}
