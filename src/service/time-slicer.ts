/**
 * Runs long work in short steps, round-robin. All of it together gets `sliceMs` of each turn of the
 * event loop, and the member does its other work in between.
 */
export class TimeSlicer {
  readonly #sliceMs: number;
  readonly #work: (() => void)[] = [];
  #scheduled = false;

  constructor(sliceMs: number) {
    this.#sliceMs = sliceMs;
  }

  /** Calls `work` once, soon. It should take about a millisecond, and add itself again for more. */
  add(work: () => void): void {
    this.#work.push(work);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    const startedAt = performance.now();
    for (let next = this.#work.shift(); next !== undefined; next = this.#work.shift()) {
      next();
      if (performance.now() - startedAt > this.#sliceMs) break;
    }
    this.#scheduled = this.#work.length > 0;
    if (this.#scheduled) setImmediate(() => this.#run());
  }
}
