import type { QueueEntryView } from './queue-entry.js';

/** A queue, entry by entry, as it was when the listing began. To be closed, or read to its end. */
export interface QueueListingView {
  /** Undefined once all were read. */
  next(): QueueEntryView | undefined;
  /** Idempotent. */
  close(): void;
}

export interface QueueSize {
  readonly holding: number;
  readonly waiting: number;
}

/** All queues of one space together. */
export interface SpaceTotals extends QueueSize {
  readonly names: number;
}
