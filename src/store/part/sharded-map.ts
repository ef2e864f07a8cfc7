/** Up to so many entries a map has one shard: its last doubling takes 5 ms. */
export const firstShardMax = 65_536;
export const shardCount = 256;

/** What readers of a {@link ShardedMap} may do. */
export type ReadonlyShardedMap<V> = Pick<ShardedMap<V>, 'size' | 'get' | 'has' | 'values'>;

/**
 * A map that may grow to millions of entries without a stall. A `Map` of V8 doubles its table at
 * once: at a million entries the process stands still for a tenth of a second. Here the entries
 * behind the first ones are spread over many maps, each of which doubles by itself. No value is
 * undefined.
 */
export class ShardedMap<V> {
  readonly #first = new Map<string, V>();
  #others: readonly Map<string, V>[] | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    const found = this.#first.get(key);
    if (found !== undefined || this.#others === undefined) return found;
    return this.#others[shardOf(key)]?.get(key);
  }

  has(key: string): boolean {
    return this.#first.has(key) || this.#others?.[shardOf(key)]?.has(key) === true;
  }

  set(key: string, value: V): void {
    const shard = this.#shardFor(key);
    const before = shard.size;
    shard.set(key, value);
    this.#size += shard.size - before;
  }

  delete(key: string): void {
    const isKnown = this.#first.delete(key) || this.#others?.[shardOf(key)]?.delete(key) === true;
    if (isKnown) this.#size -= 1;
  }

  /** In no order. Entries that are added while it is read may be left out. */
  values(): IterableIterator<V> {
    return this.#others === undefined ? this.#first.values() : this.#allValues(this.#others);
  }

  *#allValues(others: readonly Map<string, V>[]): Generator<V> {
    for (const shard of [this.#first, ...others]) for (const value of shard.values()) yield value;
  }

  #shardFor(key: string): Map<string, V> {
    if (this.#others === undefined) {
      if (this.#first.size < firstShardMax) return this.#first;
      this.#others = Array.from({ length: shardCount }, () => new Map<string, V>());
    }
    if (this.#first.has(key)) return this.#first;
    return this.#others[shardOf(key)] ?? this.#first;
  }
}

/**
 * By FNV-1a, and such that the last shard gets twice as many keys as the first one, and the others
 * something between, in equal steps. So they double one after the other, and not all at once.
 */
export function shardOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  }
  // The high bits depend on little of the last characters.
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return Math.floor(shardCount * Math.log2(1 + (hash >>> 0) / 2 ** 32));
}
