import type { MemberLimits } from './options.js';

type PaceLimits = Pick<MemberLimits, 'snapshotCount' | 'snapshotLogBytesMax'>;

/**
 * When the next snapshot is due. It writes the whole state, however little of it has changed. So it waits
 * until the entries since the last one weigh as much as that one did: all snapshots together then
 * write no more than the log does, however large the state grows.
 */
export class SnapshotPace {
  readonly #limits: PaceLimits;
  #entries = 0;
  #bytes = 0;

  constructor(limits: PaceLimits) {
    this.#limits = limits;
  }

  /** An entry of so many bytes was applied. */
  add(bytes: number): void {
    this.#entries += 1;
    this.#bytes += bytes;
  }

  /** @param newestBytes of the last snapshot; zero when there is none. */
  isDue(newestBytes: number): boolean {
    const { snapshotCount, snapshotLogBytesMax } = this.#limits;
    if (this.#bytes >= snapshotLogBytesMax) return true;
    return this.#entries >= snapshotCount && this.#bytes >= newestBytes;
  }

  /** A snapshot is being taken: from here on it counts anew. */
  restart(): void {
    this.#entries = 0;
    this.#bytes = 0;
  }
}
