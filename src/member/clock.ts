/** Time as a member sees it. Monotonic: a wall clock that jumps changes nothing. */
export interface Clock {
  /** Milliseconds since some fixed moment of this boot; never goes back. */
  now(): number;
  /** Calls `callback` once, no sooner than `delayMs` from now. The returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}
