import { assert } from '../../assert.js';
import type { CommandError } from '../../command/command-result.js';
import { errorTable } from '../../command/errors.js';
import type { NodeEvent } from '../../command/event.js';
import { isHidden } from '../../command/path.js';
import { MalformedError } from '../../encoding/format-error.js';
import { failure, ok, type Result } from '../../result.js';
import type { Watcher, WatchRequest } from '../../view/watch.js';
import type { HashedPart, RecordedPart } from '../part/part.js';
import type { RecordReader, SnapshotRecord } from '../part/snapshot-record.js';
import type { StateHash } from '../part/state-hash.js';
import { eventKind, eventOf, eventRecord } from './event-format.js';
import { addEvent } from './event-hash.js';
import { EventHistory, eventHistoryMax } from './event-history.js';
import type { Watch, WatcherHub } from './watcher-hub.js';

/** One object for the hub and for the watcher, to save memory: thousands of watches may be open. */
class HubWatch implements Watch, Watcher {
  readonly request: WatchRequest;
  readonly startIndex: number;
  readonly sinceIndex: number;
  readonly #hub: WatcherHub;

  constructor(hub: WatcherHub, request: WatchRequest, startIndex: number, sinceIndex: number) {
    this.#hub = hub;
    this.request = request;
    this.startIndex = startIndex;
    this.sinceIndex = sinceIndex;
  }

  close(): void {
    this.#hub.remove(this);
  }
}

function* recordsOf(events: readonly NodeEvent[]): Iterable<SnapshotRecord> {
  for (const event of events) yield eventKind.of(eventRecord(event));
}

/** Numbers events, keeps the newest ones, and notifies watchers. */
export class EventFeed implements HashedPart, RecordedPart {
  readonly #hub: WatcherHub;
  readonly #history: EventHistory;
  #etcdIndex = 0;
  #restoredIndex = 0;

  constructor(hub: WatcherHub, historyUnitsMax: number) {
    this.#hub = hub;
    this.#history = new EventHistory(historyUnitsMax);
  }

  get etcdIndex(): number {
    return this.#etcdIndex;
  }

  /** Events up to this index happened in an earlier cluster, and are not known. */
  get restoredIndex(): number {
    return this.#restoredIndex;
  }

  get nextIndex(): number {
    return this.#etcdIndex + 1;
  }

  get watchers(): number {
    return this.#hub.count;
  }

  addTo(hash: StateHash): void {
    if (this.#restoredIndex > 0) hash.add(this.#restoredIndex);
    for (const event of this.#history.all()) addEvent(hash, event);
  }

  records(): Iterable<SnapshotRecord> {
    return recordsOf(this.#history.all());
  }

  publish(event: NodeEvent): void {
    this.#record(event);
    if (event.refresh !== true) this.#hub.notify(event);
  }

  /**
   * A directory was removed with all that it held. Watchers of the keys in it are notified as well.
   * @param existed whether the directory held a key with that path.
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

  /** Delivers events of the history first: one, or with `stream` all from `sinceIndex` on. */
  watch(request: WatchRequest): Result<Watcher, CommandError> {
    const startIndex = this.#etcdIndex;
    const sinceIndex = request.sinceIndex === 0 ? this.nextIndex : request.sinceIndex;
    const oldest = this.#history.startIndex;
    if (sinceIndex < oldest) {
      const { errorCode } = errorTable.eventIndexCleared;
      const cause = `the requested history has been cleared [${oldest}/${sinceIndex}]`;
      return failure({ errorCode, cause, index: startIndex });
    }
    const watch = new HubWatch(this.#hub, request, startIndex, sinceIndex);
    const isOver = this.#tellThePast(watch);
    if (!isOver) this.#hub.add(watch);
    return ok(watch);
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

  readers(now: number): readonly RecordReader[] {
    return [eventKind.reader((record) => this.#restore(eventOf(record, now)))];
  }

  #restore(event: NodeEvent): void {
    const { lastIndex, size } = this.#history;
    if (size > 0 && event.node.modifiedIndex !== lastIndex + 1) {
      throw new MalformedError('events with a gap between them');
    }
    if (size === eventHistoryMax) throw new MalformedError('too many events');
    this.#history.add(event);
  }

  /** The cluster was made of a backup, and its own events come after that index. */
  beginAt(restoredIndex: number): void {
    this.#restoredIndex = restoredIndex;
    this.#etcdIndex = restoredIndex;
    this.#history.begin(restoredIndex);
  }

  /** All events of a snapshot were read. They end with the etcd index. */
  endRestore(etcdIndex: number): void {
    if (this.#history.lastIndex !== etcdIndex) {
      throw new MalformedError('the newest events are missing');
    }
    this.#etcdIndex = etcdIndex;
  }
}

/**
 * Follows the rules of the hub, except for the removal of a directory: the history does not know
 * which keys it held, so all paths below it match.
 */
function concerns(event: NodeEvent, { path, recursive }: WatchRequest): boolean {
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
