/** Names remembered, at most. */
export const emptiedNamesMax = 1024;

/**
 * When locks that nobody holds lost their last holder. The names of long ago are forgotten, and share
 * one upper bound instead.
 */
export class EmptiedNames {
  /** The one that emptied longest ago first. */
  readonly #indexes = new Map<string, number>();
  #bound: number;

  constructor(bound: number) {
    this.#bound = bound;
  }

  /** No forgotten name changed its holder after this. */
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
    if (this.#indexes.size <= emptiedNamesMax) return;
    const [oldest] = this.#indexes;
    if (oldest === undefined) return;
    this.#indexes.delete(oldest[0]);
    this.raise(oldest[1]);
  }

  raise(bound: number): void {
    this.#bound = Math.max(this.#bound, bound);
  }

  /** The lock is about to have a queue again, which remembers by itself. */
  take(name: string): number {
    const index = this.of(name);
    this.#indexes.delete(name);
    return index;
  }
}
