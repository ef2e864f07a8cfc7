import { type ConclaveClient, type KeyNode, RefusedError } from '../client/index.js';

/** What became of the keys and directories of the other cluster. */
export interface ImportReport {
  keys: number;
  directories: number;
  /** They were there already, with the same value. */
  same: number;
  /** Their TTL was over before they were written. */
  expired: number;
  /** Values with the character that stands for bytes which are no UTF-8. */
  replaced: number;
  /** They exist here, as something else. */
  readonly existing: Names;
  /** As `key: reason`. */
  readonly refused: Names;
  /** The index of the other cluster, before and after. */
  readonly indexes: [before: number, after: number];
}

/** The first of many. */
export interface Names {
  count: number;
  readonly first: string[];
}

const namesMax = 10;

/** Writes under way at a time. */
const writesMax = 64;

const nodeExists = 105;
/** A key is where a directory is needed, or the reverse. */
const inTheWay: readonly (number | undefined)[] = [102, 104, nodeExists];

/**
 * Copies a tree from another cluster with the v2 API, one directory after the other, with many
 * writes at a time. No more than the directories on the way to a key are in memory.
 */
export class TreeImport {
  readonly report: ImportReport = {
    ...{ keys: 0, directories: 0, same: 0, expired: 0, replaced: 0 },
    ...{ existing: { count: 0, first: [] }, refused: { count: 0, first: [] } },
    indexes: [0, 0],
  };
  readonly #from: ConclaveClient;
  readonly #to: ConclaveClient;
  readonly #overwrites: boolean;
  readonly #writes = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(from: ConclaveClient, to: ConclaveClient, overwrites: boolean) {
    this.#from = from;
    this.#to = to;
    this.#overwrites = overwrites;
  }

  /** Returns false when there is nothing at `root`. */
  async run(root: string): Promise<boolean> {
    const askedAt = performance.now();
    const { node, index } = await this.#from.keys.read(root, { quorum: true });
    this.report.indexes[0] = index;
    if (node === undefined) return false;
    if (node.dir !== true) await this.#begin(node, askedAt);
    else await this.#copyChildren(node, askedAt);
    await Promise.all(this.#writes);
    this.#throwFailure();
    this.report.indexes[1] = (await this.#from.keys.read(root, { quorum: true })).index;
    return true;
  }

  /** @param askedAt before the answer with their TTLs was sent. */
  async #copyChildren({ nodes = [] }: KeyNode, askedAt: number): Promise<void> {
    for (const node of nodes) {
      if (node.dir === true) await this.#copyDirectory(node, askedAt);
      else await this.#begin(node, askedAt);
    }
  }

  async #copyDirectory(listed: KeyNode, listedAt: number): Promise<void> {
    const askedAt = performance.now();
    const { node } = await this.#from.keys.read(listed.key, { quorum: true });
    if (node?.dir !== true) return;
    const isEmpty = (node.nodes?.length ?? 0) === 0;
    // Any other is made with the first key in it.
    const isMade = isEmpty || listed.ttl !== undefined;
    if (isMade && !(await this.#makeDirectory(listed, listedAt))) return;
    await this.#copyChildren(node, askedAt);
  }

  /** Returns whether keys can be copied into it. */
  async #makeDirectory(node: KeyNode, askedAt: number): Promise<boolean> {
    const ttl = ttlOf(node, askedAt);
    if (ttl === 0) {
      this.report.expired += 1;
      return false;
    }
    try {
      await this.#to.keys.createDirectory(node.key, { idempotent: true, ...withTtl(ttl) });
      this.report.directories += 1;
      return true;
    } catch (error) {
      return await this.#isDirectory(node, error);
    }
  }

  /** One that is there is kept, with its TTL. */
  async #isDirectory({ key }: KeyNode, error: unknown): Promise<boolean> {
    if (error instanceof RefusedError && error.errorCode === nodeExists) {
      const known = await this.#to.keys.get(key);
      if (known?.dir === true) {
        this.report.same += 1;
        return true;
      }
    }
    this.#note(key, error);
    return false;
  }

  /** Resolves when there is room for the next write. */
  async #begin(node: KeyNode, askedAt: number): Promise<void> {
    this.#throwFailure();
    const write = this.#copyKey(node, askedAt)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#writes.delete(write));
    this.#writes.add(write);
    if (this.#writes.size >= writesMax) await Promise.race(this.#writes);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #copyKey(node: KeyNode, askedAt: number): Promise<void> {
    const { key, value = '' } = node;
    const ttl = ttlOf(node, askedAt);
    if (ttl === 0) {
      this.report.expired += 1;
      return;
    }
    if (value.includes('\ufffd')) this.report.replaced += 1;
    const options = { idempotent: true, ...withTtl(ttl) };
    try {
      if (this.#overwrites) await this.#to.keys.set(key, value, options);
      else await this.#to.keys.create(key, value, options);
      this.report.keys += 1;
    } catch (error) {
      await this.#compare(node, error);
    }
  }

  /** An earlier import, or an attempt whose answer was lost, may have written it. */
  async #compare({ key, value = '' }: KeyNode, error: unknown): Promise<void> {
    if (error instanceof RefusedError && error.errorCode === nodeExists) {
      const known = await this.#to.keys.get(key);
      if (known?.value === value) {
        this.report.same += 1;
        return;
      }
    }
    this.#note(key, error);
  }

  #note(key: string, error: unknown): void {
    if (!(error instanceof RefusedError)) throw error;
    const { existing, refused } = this.report;
    if (inTheWay.includes(error.errorCode)) add(existing, key);
    else add(refused, `${key}: ${error.message}`);
  }
}

/** The whole seconds that are left of it; 0 when it is over, and undefined when there is none. */
function ttlOf({ ttl }: KeyNode, askedAt: number): number | undefined {
  if (ttl === undefined) return undefined;
  return Math.max(0, Math.ceil(ttl - (performance.now() - askedAt) / 1000));
}

function withTtl(ttl: number | undefined) {
  return ttl === undefined ? {} : { ttl };
}

function add(names: Names, name: string): void {
  names.count += 1;
  if (names.first.length < namesMax) names.first.push(name);
}
