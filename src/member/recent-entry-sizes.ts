/** The sizes of the entries applied last. They tell how many entries to keep behind a snapshot. */
export class RecentEntrySizes {
  readonly #sizes: Uint32Array;
  #count = 0;

  /** @param entriesMax how many it remembers. */
  constructor(entriesMax: number) {
    this.#sizes = new Uint32Array(entriesMax);
  }

  add(bytes: number): void {
    if (this.#sizes.length === 0) return;
    this.#sizes[this.#count % this.#sizes.length] = bytes;
    this.#count += 1;
  }

  /** How many of the newest entries, `entriesMax` at most, fit into `bytesMax` together. */
  entriesWithin(entriesMax: number, bytesMax: number): number {
    const known = Math.min(this.#count, this.#sizes.length, entriesMax);
    let bytes = 0;
    for (let entries = 0; entries < known; entries += 1) {
      bytes += this.#sizes[(this.#count - 1 - entries) % this.#sizes.length] ?? 0;
      if (bytes > bytesMax) return entries;
    }
    return known;
  }
}
