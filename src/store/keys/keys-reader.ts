import { assert } from '../../assert.js';
import type { CommandError } from '../../command/command-result.js';
import { errorTable } from '../../command/errors.js';
import type { NodeEvent } from '../../command/event.js';
import { failure, ok, type Result } from '../../result.js';
import type { KeysView } from '../../view/keys-view.js';
import type { GetOptions } from '../../view/listing.js';
import type { StoreStatistics } from '../../view/store-statistics.js';
import type { Watcher, WatchRequest } from '../../view/watch.js';
import type { KeysPart } from './keys-part.js';
import { Listing } from './listing.js';
import { isHeavy, listingOf } from './node-view.js';
import type { Statistics } from './statistics.js';

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

  get(path: string, options: GetOptions): Result<NodeEvent, CommandError> {
    const { tree, feed } = this.#part();
    const found = tree.find(path);
    this.#statistics.count('get', found.ok);
    if (!found.ok) {
      const { name, cause } = found.error;
      return failure({ errorCode: errorTable[name].errorCode, cause, index: feed.etcdIndex });
    }
    return ok({ action: 'get', node: listingOf(found.value, path, options) });
  }

  isDirectory(path: string): boolean {
    const found = this.#part().tree.find(path);
    return found.ok && found.value.children !== undefined;
  }

  /** Whether `get` would block the event loop for too long, so that `list` has to be used. */
  isHeavy(path: string, recursive: boolean): boolean {
    const found = this.#part().tree.find(path);
    return found.ok && isHeavy(found.value, recursive, unitsAtOnceMax);
  }

  /** The same as `get`, step by step. To be closed, or read to its end. */
  list(path: string, options: GetOptions): Listing {
    const { tree, feed } = this.#part();
    const found = tree.find(path);
    assert(found.ok, 'what is listed was found');
    this.#statistics.count('get', true);
    return new Listing(tree, found.value, path, feed.etcdIndex, options);
  }

  watch(request: WatchRequest): Result<Watcher, CommandError> {
    return this.#part().feed.watch(request);
  }

  statistics(): StoreStatistics {
    return this.#statistics.report(this.#part().feed.watchers);
  }
}
