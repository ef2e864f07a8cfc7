/** Changes within this time are rendered together: a busy folder has many. */
const collectMs = 100;

export class Batch<T> {
  readonly #onBatch: (items: readonly T[]) => void;
  #items: T[] = [];

  constructor(onBatch: (items: readonly T[]) => void) {
    this.#onBatch = onBatch;
  }

  add(items: readonly T[]): void {
    if (this.#items.length === 0) setTimeout(() => this.#flush(), collectMs);
    for (const item of items) this.#items.push(item);
  }

  #flush(): void {
    const items = this.#items;
    this.#items = [];
    this.#onBatch(items);
  }
}
