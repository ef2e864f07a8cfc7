const chunkBits = 16;
const chunkMask = (1 << chunkBits) - 1;

/** A list of 32-bit numbers that grows without being copied. */
export class NumberList {
  readonly #chunks: Int32Array[] = [];
  #length = 0;

  push(value: number): void {
    const at = this.#length;
    this.#length += 1;
    if ((at & chunkMask) === 0) this.#chunks.push(new Int32Array(1 << chunkBits));
    const chunk = this.#chunks[at >>> chunkBits];
    if (chunk !== undefined) chunk[at & chunkMask] = value;
  }

  at(index: number): number {
    return this.#chunks[index >>> chunkBits]?.[index & chunkMask] ?? 0;
  }
}
