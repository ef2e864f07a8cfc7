/** A member's monotonic clock: a wall clock that jumps has no effect on it. */
export interface Clock {
  /** Milliseconds since a fixed point in this boot; never decreases. */
  now(): number;
  /** Calls `callback` once, no sooner than `delayMs` from now. The returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}
