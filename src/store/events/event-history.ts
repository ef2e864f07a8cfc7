import type { NodeEvent } from '../../command/event.js';

export const eventHistoryMax = 1000;

/** The newest events, in a ring. Each etcd index has one event, so the index gives the slot. */
export class EventHistory {
  readonly #events: (NodeEvent | undefined)[] = new Array(eventHistoryMax).fill(undefined);
  /**
   * The length of all values, in UTF-16 units. A few large keys could fill the memory otherwise.
   */
  readonly #unitsMax: number;
  #size = 0;
  #lastIndex = 0;
  #units = 0;

  constructor(unitsMax: number) {
    this.#unitsMax = unitsMax;
  }

  get size(): number {
    return this.#size;
  }

  get lastIndex(): number {
    return this.#lastIndex;
  }

  /** The index of the oldest event that is kept, or of the next one when there is none. */
  get startIndex(): number {
    return this.#lastIndex - this.#size + 1;
  }

  /** No event is kept, and the next one comes after that index. */
  begin(lastIndex: number): void {
    this.#events.fill(undefined);
    this.#size = 0;
    this.#units = 0;
    this.#lastIndex = lastIndex;
  }

  add(event: NodeEvent): void {
    if (this.#size === eventHistoryMax) this.#forgetOldest();
    this.#lastIndex = event.node.modifiedIndex;
    this.#events[this.#lastIndex % eventHistoryMax] = event;
    this.#size += 1;
    this.#units += unitsOf(event);
    while (this.#units > this.#unitsMax && this.#size > 1) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const slot = this.startIndex % eventHistoryMax;
    const oldest = this.#events[slot];
    this.#events[slot] = undefined;
    this.#size -= 1;
    if (oldest !== undefined) this.#units -= unitsOf(oldest);
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

function unitsOf({ node, prevNode }: NodeEvent): number {
  return (node.value?.length ?? 0) + (prevNode?.value?.length ?? 0);
}
