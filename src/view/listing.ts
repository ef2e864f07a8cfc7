import type { NodeView } from '../command/event.js';

export interface GetOptions {
  readonly recursive: boolean;
  readonly sorted: boolean;
  /** With those whose name begins with an underscore. */
  readonly hidden: boolean;
}

/**
 * A directory, step by step, as it was when the listing began. To be closed, or read to its end.
 */
export interface ListingView {
  /** The step is undefined when it was spent on sorting, or on a node that is not shown. */
  next(): { readonly done: boolean; readonly step: ListingStep | undefined };
  /** Idempotent. */
  close(): void;
}

/** A directory is opened, then come its children, then it is closed; all else is one step. */
export interface ListingStep {
  readonly type: 'node' | 'open' | 'close';
  readonly view: NodeView;
}
