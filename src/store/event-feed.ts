import { assert } from '../assert.js';
import { errorTable } from '../command/errors.js';
import type { NodeEvent } from '../command/event.js';
import { isHidden } from '../command/path.js';
import type { CommandError } from '../command/result.js';
import { EventHistory } from './event-history.js';
import { type Watch, WatcherHub, type WatchOptions } from './watcher-hub.js';

/** Structurally a reader's watcher. */
export interface OpenWatch {
  readonly startIndex: number;
  close(): void;
}

/** One object, both for the hub and for who watches: thousands of them may wait. */
class HubWatch implements Watch, OpenWatch {
  readonly request: WatchOptions;
  readonly startIndex: number;
  readonly sinceIndex: number;
  readonly #hub: WatcherHub;

  constructor(hub: WatcherHub, request: WatchOptions, startIndex: number, sinceIndex: number) {
    this.#hub = hub;
    this.request = request;
    this.startIndex = startIndex;
    this.sinceIndex = sinceIndex;
  }

  close(): void {
    this.#hub.remove(this);
  }
}

/** Numbers the events, remembers the newest ones, and tells those who watch. */
export class EventFeed {
  readonly #hub = new WatcherHub();
  #history = new EventHistory();
  #etcdIndex = 0;

  get etcdIndex(): number {
    return this.#etcdIndex;
  }

  get nextIndex(): number {
    return this.#etcdIndex + 1;
  }

  get watchers(): number {
    return this.#hub.count;
  }

  get events(): readonly NodeEvent[] {
    return this.#history.all();
  }

  publish(event: NodeEvent): void {
    this.#record(event);
    if (event.refresh !== true) this.#hub.notify(event);
  }

  /**
   * A directory went with all it held: those who watch a key in it are told as well.
   * @param existed whether there was such a key.
   */
  publishRemoval(event: NodeEvent, existed: (path: string) => boolean): void {
    this.#record(event);
    for (const path of this.#hub.watchedBelow(event.node.key)) {
      if (existed(path)) this.#hub.notifyRemoved(path, event);
    }
    this.#hub.notify(event);
  }

  #record(event: NodeEvent): void {
    assert(event.node.modifiedIndex === this.nextIndex, 'events have no gap between them');
    this.#etcdIndex = event.node.modifiedIndex;
    this.#history.add(event);
  }

  /** Tells of the past first: one event, or with `stream` all that are left. */
  watch(request: WatchOptions): OpenWatch | CommandError {
    const startIndex = this.#etcdIndex;
    const sinceIndex = request.sinceIndex === 0 ? this.nextIndex : request.sinceIndex;
    const oldest = this.#history.startIndex;
    if (sinceIndex < oldest) {
      const { errorCode } = errorTable.eventIndexCleared;
      const cause = `the requested history has been cleared [${oldest}/${sinceIndex}]`;
      return { errorCode, cause, index: startIndex };
    }
    const watch = new HubWatch(this.#hub, request, startIndex, sinceIndex);
    const isOver = this.#tellThePast(watch);
    if (!isOver) this.#hub.add(watch);
    return watch;
  }

  #tellThePast({ request, sinceIndex }: Watch): boolean {
    const last = this.#etcdIndex;
    for (let index = sinceIndex; index <= last; index += 1) {
      const event = this.#history.at(index);
      if (event === undefined || !concerns(event, request)) continue;
      request.onEvent(event);
      if (!request.stream) return true;
    }
    return false;
  }

  /** Another history takes the place of this one; whoever watched missed what lies between. */
  restore(etcdIndex: number, events: readonly NodeEvent[]): void {
    this.#etcdIndex = etcdIndex;
    this.#history = new EventHistory();
    for (const event of events) this.#history.add(event);
  }

  clearWatchers(): void {
    this.#hub.clear();
  }
}

/** By the rules of the hub, but for a directory's removal: what it held is not known any more. */
function concerns(event: NodeEvent, { path, recursive }: WatchOptions): boolean {
  if (event.refresh === true) return false;
  const { key } = event.node;
  if (key === path) return true;
  if (recursive && isBelow(key, path)) return !isHidden(path, key);
  const isRemoval = event.action === 'delete' || event.action === 'expire';
  return isRemoval && event.prevNode?.dir === true && isBelow(path, key);
}

function isBelow(path: string, directory: string): boolean {
  return directory === '/' || path.startsWith(`${directory}/`);
}
