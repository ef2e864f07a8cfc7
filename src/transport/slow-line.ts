/** Runs `run` after `delayMs` of the simulation's time. */
type Schedule = (delayMs: number, run: () => void) => void;

interface Waiting {
  readonly bytes: number;
  readonly pass: () => void;
  readonly drop: () => void;
}

/** What a rate makes wait: one thing after the other passes, each in the time that its bytes take. */
export class SlowLine {
  readonly #schedule: Schedule;
  #bytesPerSecond: number;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Names the turn that is in progress: one that was given up must end nothing. */
  #turn = 0;

  constructor(schedule: Schedule, bytesPerSecond: number) {
    this.#schedule = schedule;
    this.#bytesPerSecond = bytesPerSecond;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** What waits goes on at the new rate; what is in progress begins again. */
  setRate(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
    if (this.#waiting.length > 0) this.#next();
  }

  /** Exactly one of the two is called: `pass`, at once where there is no rate, or `drop`. */
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
