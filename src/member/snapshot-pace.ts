import type { MemberLimits } from './options.js';

type PaceLimits = Pick<MemberLimits, 'snapshotCount' | 'snapshotLogBytesMax'>;

/** The thesis, section 5.1.2, calls it the expansion factor. */
const expansionFactor = 2;

/**
 * Decides when the next snapshot is due. A snapshot writes the whole state, however little of it
 * has changed. So it waits until the entries since the last snapshot are twice as large as that
 * snapshot: all snapshots together then write half as much as the log, however large the state
 * grows.
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
    return this.#entries >= snapshotCount && this.#bytes >= expansionFactor * newestBytes;
  }

  /** A snapshot is being taken: the count begins again. */
  restart(): void {
    this.#entries = 0;
    this.#bytes = 0;
  }
}
