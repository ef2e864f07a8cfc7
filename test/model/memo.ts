import { RecordSet } from './record-set.js';

/** What was worked out once for two numbers. */
export class Memo<T> {
  readonly #keys = new RecordSet(2);
  readonly #values: T[] = [];
  readonly #key = new Int32Array(2);
  readonly #compute: (one: number, other: number) => T;

  constructor(compute: (one: number, other: number) => T) {
    this.#compute = compute;
  }

  get(one: number, other: number): T {
    this.#key[0] = one;
    this.#key[1] = other;
    const known = this.#keys.size;
    const at = this.#keys.add(this.#key);
    if (at === known) this.#values.push(this.#compute(one, other));
    return this.#values[at] as T;
  }

  get size(): number {
    return this.#keys.size;
  }
}

/** Gives each value a number, by a text that tells it from all others. */
export class Numbering<T> {
  readonly #numbers = new Map<string, number>();
  readonly #values: T[] = [];

  get size(): number {
    return this.#values.length;
  }

  numberOf(text: string, make: () => T): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#values.length;
    this.#values.push(make());
    this.#numbers.set(text, number);
    return number;
  }

  at(number: number): T {
    if (number >= this.#values.length) throw new RangeError(`no value has the number ${number}`);
    return this.#values[number] as T;
  }
}
