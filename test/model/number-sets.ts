import { Memo, Numbering } from './memo.js';

/** Sets of numbers, each known by a number of its own. The empty one is 0. */
export class NumberSets {
  readonly #sets = new Numbering<readonly number[]>();
  readonly #larger = new Memo((set, member) => this.#of([...this.values(set), member]));
  readonly #unions = new Memo((one, other) =>
    this.#of([...this.values(one), ...this.values(other)]),
  );

  constructor() {
    this.#of([]);
  }

  get size(): number {
    return this.#sets.size;
  }

  values(set: number): readonly number[] {
    return this.#sets.at(set);
  }

  with(set: number, member: number): number {
    return this.#larger.get(set, member);
  }

  union(one: number, other: number): number {
    if (one === 0) return other;
    return other === 0 ? one : this.#unions.get(one, other);
  }

  #of(members: readonly number[]): number {
    const sorted = [...new Set(members)].sort((one, other) => one - other);
    return this.#sets.numberOf(sorted.join(), () => sorted);
  }
}
