import type { NodeEvent } from '../../command/event.js';
import type { WallClock } from '../wall-clock.js';
import { eventJson } from './event-json.js';

/** What is told to its client from time to time. */
export interface Feed {
  /** Writes at most so many of the events that wait, and returns how many; asks again when some are left. */
  flush(eventsMax: number): number;
  /** The member stops. */
  close(): void;
}

/** Events that wait to be written, to all watches together. */
const eventsMax = 1_000_000;

/**
 * What is told in one turn of the event loop. It is no time, since node writes to the sockets only after the
 * turn: together that takes some milliseconds.
 */
const eventsPerTurn = 256;

/**
 * Tells the watches of one API what has happened. One write may concern thousands of them, so they are worked off
 * bit by bit while the member goes on, and an event becomes text once for all.
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

  /** `unwritten` are the events that it had no time to write. */
  forget(feed: Feed, unwritten: number): void {
    this.#open.delete(feed);
    this.#events -= unwritten;
  }

  eventWaits(): void {
    this.#events += 1;
  }

  /** The feed is flushed once, soon. */
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
