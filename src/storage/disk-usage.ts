import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrorCode } from './files.js';

/**
 * The size of a directory with all below it. A caller gets the last sum; an old one is renewed in
 * the background.
 */
export class DiskUsage {
  readonly #directory: string;
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  readonly #onError: (error: unknown) => void;
  #bytes: number | undefined;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #measuring: Promise<void> | undefined;

  constructor(
    directory: string,
    maxAgeMs: number,
    now: () => number,
    onError: (error: unknown) => void,
  ) {
    this.#directory = directory;
    this.#maxAgeMs = maxAgeMs;
    this.#now = now;
    this.#onError = onError;
  }

  /** Undefined until the first sum is known. */
  get bytes(): number | undefined {
    if (this.#now() - this.#measuredAt >= this.#maxAgeMs) void this.measure();
    return this.#bytes;
  }

  /** Resolves when the sum in progress is known; never rejects. */
  measure(): Promise<void> {
    this.#measuring ??= this.#measure();
    return this.#measuring;
  }

  async #measure(): Promise<void> {
    try {
      this.#bytes = await bytesUnder(this.#directory);
    } catch (error) {
      this.#onError(error);
    }
    this.#measuredAt = this.#now();
    this.#measuring = undefined;
  }
}

/** What the file system of the directory has left for this user. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** Files come and go while they are counted. */
async function bytesUnder(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    try {
      bytes += entry.isDirectory() ? await bytesUnder(path) : (await stat(path)).size;
    } catch (error) {
      if (!isErrorCode(error, 'ENOENT')) throw error;
    }
  }
  return bytes;
}
