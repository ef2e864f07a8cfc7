/** An item stores its own position in the heap; -1 outside of the heap. */
interface HeapItem {
  slot: number;
}

/** A binary heap that can remove any of its items (etcd's TTLKeyHeap). */
export class Heap<T extends HeapItem> {
  readonly #isBefore: (a: T, b: T) => boolean;
  #items: T[] = [];

  /** @param isBefore whether `a` comes out before `b`. */
  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  /** In no order. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** Adds the item. One that is in the heap already is moved to where it belongs now. */
  put(item: T): void {
    if (item.slot < 0) {
      item.slot = this.#items.length;
      this.#items.push(item);
    }
    this.#rise(item);
    this.#sink(item);
  }

  /** Has no effect on an item that is not in the heap. */
  remove(item: T): void {
    const { slot } = item;
    if (slot < 0) return;
    item.slot = -1;
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
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

  #rise(item: T): void {
    let { slot } = item;
    while (slot > 0) {
      const above = (slot - 1) >>> 1;
      const parent = this.#items[above];
      if (parent === undefined || !this.#isBefore(item, parent)) break;
      this.#items[slot] = parent;
      parent.slot = slot;
      slot = above;
    }
    this.#items[slot] = item;
    item.slot = slot;
  }

  #sink(item: T): void {
    let { slot } = item;
    for (;;) {
      const child = this.#firstChild(slot);
      if (child === undefined || !this.#isBefore(child, item)) break;
      const below = child.slot;
      this.#items[slot] = child;
      child.slot = slot;
      slot = below;
    }
    this.#items[slot] = item;
    item.slot = slot;
  }

  #firstChild(slot: number): T | undefined {
    const left = this.#items[2 * slot + 1];
    const right = this.#items[2 * slot + 2];
    if (left === undefined || right === undefined) return left;
    return this.#isBefore(right, left) ? right : left;
  }
}
