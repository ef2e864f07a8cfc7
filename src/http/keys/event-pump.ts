import type { NodeEvent } from '../../command/event.js';
import type { WallClock } from '../../service/wall-clock.js';
import { eventJson } from './event-json.js';

/** A stream of events to one client. */
export interface Feed {
  /**
   * Writes up to `eventsMax` queued events and returns how many; schedules itself again for the
   * rest.
   */
  flush(eventsMax: number): number;
  /** Ends the stream: the member stops. */
  close(): void;
}

/** Events queued for all watches together. */
const eventsMax = 1_000_000;

/**
 * Events written in one turn of the event loop. A time limit would not do: Node writes to the
 * sockets after the turn. So many take some milliseconds in all.
 */
const eventsPerTurn = 256;

/**
 * Sends events to all watches of a member. One write may concern thousands of them, so they are
 * served over several turns of the event loop. An event becomes text once for all watches.
 */
export class EventPump {
  readonly #wallClock: WallClock;
  readonly #open = new Set<Feed>();
  #due: Feed[] = [];
  #next = 0;
  #events = 0;
  #newest: NodeEvent | undefined;
  #newestText = '';
  #closed = false;

  constructor(wallClock: WallClock) {
    this.#wallClock = wallClock;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  get isFull(): boolean {
    return this.#events >= eventsMax;
  }

  open(feed: Feed): void {
    this.#open.add(feed);
  }

  /** @param unwritten how many events were queued for it. */
  forget(feed: Feed, unwritten: number): void {
    this.#open.delete(feed);
    this.#events -= unwritten;
  }

  eventWaits(): void {
    this.#events += 1;
  }

  /** Flushes the feed once, soon. */
  schedule(feed: Feed): void {
    this.#due.push(feed);
    if (this.#due.length === 1) setImmediate(() => this.#work());
  }

  #work(): void {
    let left = eventsPerTurn;
    while (left > 0 && this.#next < this.#due.length) {
      const feed = this.#due[this.#next];
      this.#next += 1;
      const written = feed?.flush(left) ?? 0;
      this.#events -= written;
      left -= Math.max(1, written);
    }
    if (this.#next < this.#due.length) {
      setImmediate(() => this.#work());
      return;
    }
    this.#due = [];
    this.#next = 0;
    this.#newest = undefined;
    this.#newestText = '';
  }

  textOf(event: NodeEvent): string {
    if (event !== this.#newest) {
      this.#newest = event;
      this.#newestText = eventJson(event, this.#wallClock);
    }
    return this.#newestText;
  }

  close(): void {
    this.#closed = true;
    for (const feed of [...this.#open]) feed.close();
  }
}
