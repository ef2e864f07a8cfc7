import { type FormatRange, releaseFormats } from '../encoding/format-range.js';

export interface StateMachineOptions {
  /** The format versions that this release understands. */
  readonly formats: FormatRange;
  /**
   * The number of nodes of removed directories that are swept with each log entry. The replicated
   * state does not depend on it, so members may differ.
   */
  readonly sweepMax: number;
  /**
   * The length of the values in the newest events, in UTF-16 units. Only watches read these events,
   * and no command does, so members may differ; then the hashes of their states do, which only
   * tests compare.
   */
  readonly historyUnitsMax: number;
  /**
   * The number of attachments of ended boots that are dropped with each log entry. The replicated
   * state depends on this option and the next: they must be the same on all members, so only tests
   * set them.
   */
  readonly leftBehindMax: number;
  /** The length of the results that are remembered for one member, in UTF-16 units. */
  readonly resultUnitsMax: number;
}

const MiB = 1024 * 1024;

/**
 * A sweep takes a few microseconds, and dropping attachments a millisecond or two. The result of a
 * write has the new and the old value, so commands of 64 MiB in all that overwrite a member's own
 * values have results of twice that length. They fit, with some room for the values of others.
 */
export const defaultOptions: StateMachineOptions = {
  formats: releaseFormats,
  sweepMax: 128,
  historyUnitsMax: historyLimitFor(Number.POSITIVE_INFINITY),
  leftBehindMax: 256,
  resultUnitsMax: 2 * 64 * MiB + 16 * MiB,
};

/** As a small heap allows: the rest of it is for the keys, and for requests under way. */
export function historyLimitFor(heapBytesMax: number): number {
  return Math.min(64 * MiB, Math.floor(heapBytesMax / 16));
}
