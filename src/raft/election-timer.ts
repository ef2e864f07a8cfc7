/**
 * Counts ticks towards an election. A new timeout is drawn from [electionTimeoutTicks, 2 *
 * electionTimeoutTicks) at each restart, so that members seldom campaign together (Raft, section
 * 5.2). A message from the leader starts the count again without a new draw, since such messages
 * are frequent.
 */
export class ElectionTimer {
  readonly #electionTimeoutTicks: number;
  readonly #random: () => number;
  #elapsed = 0;
  #timeout = 0;
  #leaderSilence = 0;
  #shortened = false;

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

  /** Nothing was received from a leader for the shortest election timeout. */
  get leaderIsSilent(): boolean {
    return this.#leaderSilence >= this.#electionTimeoutTicks;
  }

  restart(): void {
    this.#elapsed = 0;
    this.#shortened = false;
    this.#timeout =
      this.#electionTimeoutTicks + Math.floor(this.#random() * this.#electionTimeoutTicks);
  }

  leaderHeard(): void {
    this.#leaderSilence = 0;
    if (this.#shortened) this.restart();
    else this.#elapsed = 0;
  }

  /**
   * Shortens the timeout: there is evidence that the leader is gone. The rest is drawn from a fifth
   * of the election timeout, enough to keep members apart that learn of it together.
   */
  shorten(): void {
    const remaining = 1 + Math.floor((this.#random() * this.#electionTimeoutTicks) / 5);
    this.#timeout = Math.min(this.#timeout, this.#elapsed + remaining);
    this.#shortened = true;
  }
}
