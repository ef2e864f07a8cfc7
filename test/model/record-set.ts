const chunkBits = 16;
const chunkRecords = 1 << chunkBits;
const chunkMask = chunkRecords - 1;
const loadMax = 0.6;

/**
 * Records of so many 32-bit numbers, each kept once and in the order in which they came. A record
 * is compared whole: a hash only says where to look, so that no two are ever taken for one.
 */
export class RecordSet {
  readonly width: number;
  readonly #chunks: Int32Array[] = [];
  /** Open addressing: the number of a record, plus one. */
  #table = new Int32Array(1 << 12);
  #size = 0;

  constructor(width: number) {
    this.width = width;
  }

  get size(): number {
    return this.#size;
  }

  /** The number of the record; it is new if that is what `size` was before. */
  add(record: Int32Array): number {
    const mask = this.#table.length - 1;
    let slot = hashOf(record, 0, this.width) & mask;
    for (;;) {
      const found = this.#table[slot] ?? 0;
      if (found === 0) break;
      if (this.#equals(found - 1, record)) return found - 1;
      slot = (slot + 1) & mask;
    }
    const number = this.#append(record);
    this.#table[slot] = number + 1;
    if (this.#size > this.#table.length * loadMax) this.#grow();
    return number;
  }

  read(number: number, into: Int32Array): void {
    const chunk = this.#chunks[number >>> chunkBits];
    const start = (number & chunkMask) * this.width;
    for (let at = 0; at < this.width; at += 1) into[at] = chunk?.[start + at] ?? 0;
  }

  #equals(number: number, record: Int32Array): boolean {
    const chunk = this.#chunks[number >>> chunkBits];
    if (chunk === undefined) return false;
    const start = (number & chunkMask) * this.width;
    for (let at = 0; at < this.width; at += 1) {
      if (chunk[start + at] !== record[at]) return false;
    }
    return true;
  }

  #append(record: Int32Array): number {
    const number = this.#size;
    this.#size += 1;
    if ((number & chunkMask) === 0) this.#chunks.push(new Int32Array(chunkRecords * this.width));
    this.#chunks[number >>> chunkBits]?.set(record, (number & chunkMask) * this.width);
    return number;
  }

  #grow(): void {
    const table = new Int32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let number = 0; number < this.#size; number += 1) {
      const chunk = this.#chunks[number >>> chunkBits];
      if (chunk === undefined) continue;
      let slot = hashOf(chunk, (number & chunkMask) * this.width, this.width) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = number + 1;
    }
    this.#table = table;
  }
}

function hashOf(numbers: Int32Array, start: number, width: number): number {
  let hash = width;
  for (let at = start; at < start + width; at += 1) {
    hash = Math.imul(hash ^ (numbers[at] ?? 0), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
