/** The number of names that are remembered, at most. */
const lastReleasedMax = 1024;

/**
 * The index at which each lock without a queue lost its last holder. The names of long ago are
 * forgotten, and share one upper bound instead.
 */
export class LastReleased {
  /** The lock that was released longest ago comes first. */
  readonly #indexes = new Map<string, number>();
  #bound: number;

  constructor(bound: number) {
    this.#bound = bound;
  }

  /** No lock whose name is forgotten changed its holder after this index. */
  get bound(): number {
    return this.#bound;
  }

  get entries(): readonly (readonly [name: string, index: number])[] {
    return [...this.#indexes];
  }

  of(name: string): number {
    return this.#indexes.get(name) ?? this.#bound;
  }

  note(name: string, index: number): void {
    this.#indexes.delete(name);
    this.#indexes.set(name, index);
    if (this.#indexes.size <= lastReleasedMax) return;
    const [oldest] = this.#indexes;
    if (oldest === undefined) return;
    this.#indexes.delete(oldest[0]);
    this.raise(oldest[1]);
  }

  /** No name is remembered. */
  begin(bound: number): void {
    this.#indexes.clear();
    this.raise(bound);
  }

  raise(bound: number): void {
    this.#bound = Math.max(this.#bound, bound);
  }

  /** The lock is about to have a queue again, and the queue keeps the index itself. */
  take(name: string): number {
    const index = this.of(name);
    this.#indexes.delete(name);
    return index;
  }
}
