/**
 * Counts ticks towards an election. A new timeout is drawn from [electionTimeoutTicks, 2 *
 * electionTimeoutTicks) at each restart, so that members seldom campaign together (Raft, section 5.2).
 * A leader that is heard does not draw: that happens for every message of it.
 */
export class ElectionTimer {
  readonly #electionTimeoutTicks: number;
  readonly #random: () => number;
  #elapsed = 0;
  #timeout = 0;
  #leaderSilence = 0;
  #hurried = false;

  constructor(electionTimeoutTicks: number, random: () => number) {
    this.#electionTimeoutTicks = electionTimeoutTicks;
    this.#random = random;
    this.restart();
  }

  tick(): void {
    this.#elapsed += 1;
    this.#leaderSilence += 1;
  }

  get expired(): boolean {
    return this.#elapsed >= this.#timeout;
  }

  /** No leader was heard for as long as any member waits at least before it campaigns. */
  get leaderIsSilent(): boolean {
    return this.#leaderSilence >= this.#electionTimeoutTicks;
  }

  restart(): void {
    this.#elapsed = 0;
    this.#hurried = false;
    this.#timeout =
      this.#electionTimeoutTicks + Math.floor(this.#random() * this.#electionTimeoutTicks);
  }

  leaderHeard(): void {
    this.#leaderSilence = 0;
    if (this.#hurried) this.restart();
    else this.#elapsed = 0;
  }

  /**
   * There is evidence that waiting is vain. A fifth of the timeout is left to draw from: enough to
   * keep those apart who learn of it together.
   */
  hurry(): void {
    const remaining = 1 + Math.floor((this.#random() * this.#electionTimeoutTicks) / 5);
    this.#timeout = Math.min(this.#timeout, this.#elapsed + remaining);
    this.#hurried = true;
  }
}
