const stepMs = 2;

/**
 * Lets bytes pass at a rate, in the order in which they came, whichever connection they belong to:
 * the queue before a slow wire. It is bounded by what the connections that feed it let wait.
 */
export class Pacer {
  /** @type {{bytes: number, pass: () => void}[]} */
  #waiting = [];
  #bytesPerSecond = Number.POSITIVE_INFINITY;
  #credit = 0;
  #countedAt = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {number} bytesPerSecond infinite: everything passes at once */
  limit(bytesPerSecond) {
    this.#bytesPerSecond = bytesPerSecond;
    if (bytesPerSecond === Number.POSITIVE_INFINITY) this.#pass();
  }

  /**
   * @param {number} bytes
   * @param {() => void} pass called once, when they have passed
   */
  push(bytes, pass) {
    this.#waiting.push({ bytes, pass });
    if (this.#timer !== undefined) return;
    // A wire that was idle has saved nothing up.
    this.#earn();
    this.#credit = Math.min(this.#credit, 0);
    this.#pass();
  }

  /** Bytes that have not passed yet are dropped. */
  close() {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #pass() {
    this.#earn();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#credit >= 0) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      const { bytes, pass } = next;
      if (this.#bytesPerSecond < Number.POSITIVE_INFINITY) this.#credit -= bytes;
      pass();
    }
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#pass(), stepMs);
  }

  #earn() {
    const now = performance.now();
    const unlimited = this.#bytesPerSecond === Number.POSITIVE_INFINITY;
    if (unlimited) this.#credit = 0;
    else this.#credit += ((now - this.#countedAt) / 1000) * this.#bytesPerSecond;
    this.#countedAt = now;
  }
}
