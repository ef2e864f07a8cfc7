/** A delay of the apply up to this does not change the offset. */
const jitterMs = 200;

/** The cluster's clock as of the newest applied entry, and its offset to this member's clock. */
export class AppliedClock {
  #ms = 0;
  /** Not replicated. It is shown to people, and no decision depends on it. */
  #offsetMs: number | undefined;

  /** The cluster's time at which the newest entry was appended. */
  get ms(): number {
    return this.#ms;
  }

  /** To be called for each entry, with the cluster's time in its stamp. */
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

  /** Converts a time on the cluster's clock to this member's clock. */
  onMemberClock(clusterTimeMs: number): number {
    return clusterTimeMs + (this.#offsetMs ?? 0);
  }
}
