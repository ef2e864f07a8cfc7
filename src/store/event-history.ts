import type { NodeEvent } from '../command/event.js';

export const eventHistoryMax = 1000;

/** The newest events. There is one for each etcd index, so its place follows from its index. */
export class EventHistory {
  readonly #events: (NodeEvent | undefined)[] = new Array(eventHistoryMax).fill(undefined);
  #size = 0;
  #lastIndex = 0;

  get lastIndex(): number {
    return this.#lastIndex;
  }

  /** The oldest index that is still here; zero before the first event. */
  get startIndex(): number {
    return this.#size === 0 ? 0 : this.#lastIndex - this.#size + 1;
  }

  add(event: NodeEvent): void {
    this.#lastIndex = event.node.modifiedIndex;
    this.#events[this.#lastIndex % eventHistoryMax] = event;
    if (this.#size < eventHistoryMax) this.#size += 1;
  }

  at(index: number): NodeEvent | undefined {
    if (index < this.startIndex || index > this.#lastIndex) return undefined;
    return this.#events[index % eventHistoryMax];
  }

  /** Oldest first. */
  all(): readonly NodeEvent[] {
    const events: NodeEvent[] = [];
    for (let index = this.startIndex; index <= this.#lastIndex; index += 1) {
      const event = this.at(index);
      if (event !== undefined) events.push(event);
    }
    return events;
  }
}
