import type { Deadline } from './node.js';

/** etcd's TTLKeyHeap: a binary heap, the deadline that is due first on top. */
export class DeadlineHeap {
  #items: Deadline[] = [];

  get size(): number {
    return this.#items.length;
  }

  get first(): Deadline | undefined {
    return this.#items[0];
  }

  /** In no order. */
  get items(): readonly Deadline[] {
    return this.#items;
  }

  /** Adds the deadline, or moves it to where its changed `dueAt` belongs. */
  place(deadline: Deadline): void {
    if (deadline.slot < 0) {
      deadline.slot = this.#items.length;
      this.#items.push(deadline);
    }
    this.#rise(deadline);
    this.#sink(deadline);
  }

  /** Without effect on one that is not in the heap. */
  remove(deadline: Deadline): void {
    const { slot } = deadline;
    if (slot < 0) return;
    deadline.slot = -1;
    const last = this.#items.pop();
    if (last === undefined || last === deadline) return;
    last.slot = slot;
    this.#items[slot] = last;
    this.#rise(last);
    this.#sink(last);
  }

  /** Restores the order after any number of changes, in linear time. */
  reorder(): void {
    for (let slot = (this.#items.length >>> 1) - 1; slot >= 0; slot -= 1) {
      const item = this.#items[slot];
      if (item !== undefined) this.#sink(item);
    }
  }

  #rise(deadline: Deadline): void {
    let { slot } = deadline;
    while (slot > 0) {
      const above = (slot - 1) >>> 1;
      const parent = this.#items[above];
      if (parent === undefined || parent.dueAt <= deadline.dueAt) break;
      this.#items[slot] = parent;
      parent.slot = slot;
      slot = above;
    }
    this.#items[slot] = deadline;
    deadline.slot = slot;
  }

  #sink(deadline: Deadline): void {
    let { slot } = deadline;
    for (;;) {
      const child = this.#earlierChild(slot);
      if (child === undefined || child.dueAt >= deadline.dueAt) break;
      const below = child.slot;
      this.#items[slot] = child;
      child.slot = slot;
      slot = below;
    }
    this.#items[slot] = deadline;
    deadline.slot = slot;
  }

  #earlierChild(slot: number): Deadline | undefined {
    const left = this.#items[2 * slot + 1];
    const right = this.#items[2 * slot + 2];
    if (left === undefined || right === undefined) return left;
    return right.dueAt < left.dueAt ? right : left;
  }
}
