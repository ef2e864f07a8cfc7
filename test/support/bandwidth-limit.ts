/** Runs `run` after `delayMs` of the simulation's time. */
type Schedule = (delayMs: number, run: () => void) => void;

interface Waiting {
  readonly bytes: number;
  readonly pass: () => void;
  readonly drop: () => void;
}

/**
 * Limits the bytes per second of a simulated link: items pass one after the other, each in the time
 * its bytes take.
 */
export class BandwidthLimit {
  readonly #schedule: Schedule;
  #bytesPerSecond: number;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Counts scheduled passes, so that the timer of one that was given up has no effect. */
  #turn = 0;

  constructor(schedule: Schedule, bytesPerSecond: number) {
    this.#schedule = schedule;
    this.#bytesPerSecond = bytesPerSecond;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Waiting items pass at the new rate; the one in progress starts again. */
  setRate(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
    if (this.#waiting.length > 0) this.#next();
  }

  /** Calls exactly one of the two: `pass`, at once where the rate is infinite, or `drop`. */
  push(bytes: number, pass: () => void, drop: () => void): void {
    this.#waiting.push({ bytes, pass, drop });
    this.#waitingBytes += bytes;
    if (this.#waiting.length === 1) this.#next();
  }

  clear(): void {
    const dropped = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#turn += 1;
    for (const { drop } of dropped) drop();
  }

  #next(): void {
    this.#turn += 1;
    while (this.#bytesPerSecond === Number.POSITIVE_INFINITY && this.#waiting.length > 0) {
      this.#pass();
    }
    const [first] = this.#waiting;
    if (first === undefined) return;
    const turn = this.#turn;
    this.#schedule((1000 * first.bytes) / this.#bytesPerSecond, () => {
      if (turn !== this.#turn) return;
      this.#pass();
      this.#next();
    });
  }

  #pass(): void {
    const first = this.#waiting.shift();
    if (first === undefined) return;
    this.#waitingBytes -= first.bytes;
    first.pass();
  }
}
