import { assert } from '../../assert.js';
import type { CommandError } from '../../command/command-result.js';
import { errorTable } from '../../command/errors.js';
import type { NodeEvent } from '../../command/event.js';
import type { KeysView } from '../../view/keys-view.js';
import type { GetOptions } from '../../view/listing.js';
import type { StoreStatistics } from '../../view/store-statistics.js';
import type { Watcher, WatchRequest } from '../../view/watch.js';
import type { KeysPart } from './keys-part.js';
import { Listing } from './listing.js';
import { isHeavy, listingOf } from './node-view.js';
import type { Statistics } from './statistics.js';
import { Refusal } from './tree.js';

/** The size up to which `get` is used. It takes some milliseconds, with its JSON. */
const unitsAtOnceMax = 256 * 1024;

/** What readers see of the keys. */
export class KeysReader implements KeysView {
  readonly #part: () => KeysPart;
  readonly #statistics: Statistics;

  /** @param part the current part: a snapshot replaces it. */
  constructor(part: () => KeysPart, statistics: Statistics) {
    this.#part = part;
    this.#statistics = statistics;
  }

  get(path: string, options: GetOptions): NodeEvent | CommandError {
    const { tree, feed } = this.#part();
    const found = tree.find(path);
    this.#statistics.count('get', !(found instanceof Refusal));
    if (found instanceof Refusal) {
      const { errorCode } = errorTable[found.error];
      return { errorCode, cause: found.cause, index: feed.etcdIndex };
    }
    return { action: 'get', node: listingOf(found, path, options) };
  }

  /** Whether `get` would block the event loop for too long, so that `list` has to be used. */
  isHeavy(path: string, recursive: boolean): boolean {
    const found = this.#part().tree.find(path);
    return !(found instanceof Refusal) && isHeavy(found, recursive, unitsAtOnceMax);
  }

  /** The same as `get`, step by step. To be closed, or read to its end. */
  list(path: string, options: GetOptions): Listing {
    const { tree, feed } = this.#part();
    const found = tree.find(path);
    assert(!(found instanceof Refusal), 'what is listed was found');
    this.#statistics.count('get', true);
    return new Listing(tree, found, path, feed.etcdIndex, options);
  }

  watch(request: WatchRequest): Watcher | CommandError {
    return this.#part().feed.watch(request);
  }

  statistics(): StoreStatistics {
    return this.#statistics.report(this.#part().feed.watchers);
  }
}
