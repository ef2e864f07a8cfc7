/** What a member adds by applying an entry late, as long as it adds little. */
const jitterMs = 200;

/** The cluster's clock as the log tells it, and where its times lie on this member's clock. */
export class AppliedClock {
  #ms = 0;
  /** A member's own, and for people only: nothing is decided by it. */
  #offsetMs: number | undefined;

  /** What the clock showed when the newest entry was appended. */
  get ms(): number {
    return this.#ms;
  }

  /** An entry with that stamp is applied. */
  advance(clusterTimeMs: number, now: number): void {
    this.#ms = Math.max(this.#ms, clusterTimeMs);
    const offsetMs = now - this.#ms;
    const known = this.#offsetMs ?? Number.POSITIVE_INFINITY;
    // The clock stands still while nobody leads, so the distance may grow for good.
    if (offsetMs < known || offsetMs > known + jitterMs) this.#offsetMs = offsetMs;
  }

  restore(clusterTimeMs: number, now: number): void {
    this.#ms = clusterTimeMs;
    this.#offsetMs = now - clusterTimeMs;
  }

  /** When the cluster's clock showed that, on this member's clock. */
  onMemberClock(clusterTimeMs: number): number {
    return clusterTimeMs + (this.#offsetMs ?? 0);
  }
}
